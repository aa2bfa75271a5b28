import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { calibrate } from '../accuracy/burn';
import { createRandom } from '../accuracy/random';
import { TurnRecorder, longestTurn } from '../pause/TurnRecorder';
import { createBurst } from '../pause/burstTree';
import type { ProfileSubject } from './subjects';

/** What the end of a profile cost. */
export interface EndedProfile {
  /** The longest turn of the event loop from the end of the recording to the last byte. */
  readonly blockMillis: number;
  /**
   * The longest turn before that, in a time in which windows and recordings by line end. Load and
   * machine cause the rest of it.
   */
  readonly baselineMillis: number;
  /** Time from the end of the recording to the last byte. */
  readonly readyMillis: number;
  /** Samples in the profile; rulescope sums those with equal stack and labels. */
  readonly samples: number;
  readonly bytes: number;
}

/** Share of the time in which the thread works, in bursts that are shorter than any pause. */
const LOAD = 0.8;
const BURST_MILLIS = 2;
const DEPTH = 30;
const RULES = 20;
/** Time before the end in which turns are recorded: longer than a window. */
const BEFORE_MILLIS = 6_000;
/** Different stacks. Each burst has one of them. The tree of a window has about 2,500 nodes. */
const STACKS = 100;

/** Records a profile of `seconds` under load. Call it once per process. */
export async function measure(subject: ProfileSubject, seconds: number): Promise<EndedProfile> {
  calibrate();
  let seed = 0;
  let random = createRandom(seed);
  const burst = createBurst(DEPTH, () => random());
  let recording = true;
  const work = (): void => {
    if (!recording) return;
    seed = (seed + 1) % STACKS;
    random = createRandom(seed);
    subject.withRule(`rule-${seed % RULES}`, () => burst(BURST_MILLIS, DEPTH));
    setTimeout(work, (BURST_MILLIS * (1 - LOAD)) / LOAD);
  };
  const recorder = new TurnRecorder();
  setTimeout(() => recorder.start(), seconds * 1000 - BEFORE_MILLIS);
  let ended = 0;
  const recorded = subject.record(seconds, () => (ended = performance.now()));
  work();
  const bytes = await recorded;
  const ready = performance.now();
  recording = false;
  // The recorder notes a turn when the next one begins.
  await new Promise((resolve) => setImmediate(resolve));
  const turns = recorder.stop();
  return {
    // A recording over HTTP can end a little earlier than its timer here.
    blockMillis: longestTurn(turns, ended - 20, ready),
    baselineMillis: longestTurn(turns, ended - BEFORE_MILLIS, ended - 20),
    readyMillis: ready - ended,
    samples: Profile.decode(gunzipSync(bytes)).sample.length,
    bytes: bytes.byteLength,
  };
}
