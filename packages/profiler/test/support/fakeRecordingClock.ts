import type { RecordingClock } from '../../src/http/endpoint';
import type { FakeClock } from './FakeClock';

/** Returns a clock for recordings whose time is that of `clock`. */
export function fakeRecordingClock(clock: FakeClock): RecordingClock {
  return {
    now: () => clock.now().monotonicMillis,
    sleep: (millis, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(new Error('aborted'));
        const cancel = clock.after(millis, resolve);
        signal.addEventListener('abort', () => {
          cancel();
          reject(new Error('aborted'));
        });
      }),
  };
}
