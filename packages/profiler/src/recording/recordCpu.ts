import { SamplerUnavailableError, toError } from '../base/errors';
import type { Steps } from '../base/steps';
import { timers } from '../base/timers';
import type { ConsumerOptions } from '../collector/Consumer';
import type { ProfileCollector } from '../collector/ProfileCollector';
import type { ProfileWindow } from '../model/ProfileWindow';
import type { Profile } from '../pprof/Profile';
import { ProfileSum } from '../pprof/ProfileSum';
import type { Recording } from './Recording';

/**
 * Records the CPU of this thread. The windows are summed as they close, so that the end of a long
 * recording is no more work.
 *
 * @throws SamplerUnavailableError if the sampler does not start.
 */
export function recordCpu(
  collector: Pick<ProfileCollector, 'openStream' | 'startFailure'>,
  options: ConsumerOptions,
): Recording {
  const sum = new ProfileSum();
  const closed: ProfileWindow[] = [];
  let adding: Steps<void> | undefined;
  let failure: Error | undefined;
  const stream = collector.openStream((window) => {
    closed.push(window);
    if (adding !== undefined) return;
    adding = addClosed();
    timers.setImmediate(addInTurns);
  }, options);
  const { startFailure } = collector;
  if (startFailure !== undefined) {
    stream.close();
    throw new SamplerUnavailableError(startFailure.message, { cause: startFailure });
  }

  function* addClosed(): Steps<void> {
    for (let window = closed.shift(); window !== undefined; window = closed.shift()) {
      yield* sum.addInSteps(window);
    }
  }
  function addInTurns(): void {
    try {
      if (adding?.next().done === false) return timers.setImmediate(addInTurns);
    } catch (thrown) {
      failure ??= toError(thrown);
    }
    adding = undefined;
  }
  function* finish(comments: readonly string[]): Steps<Profile> {
    if (adding !== undefined) yield* adding;
    if (failure !== undefined) throw failure;
    if (sum.error !== undefined) throw new SamplerUnavailableError(sum.error.message);
    return yield* sum.buildInSteps(comments);
  }
  return {
    stop(comments = []) {
      stream.close();
      return finish(comments);
    },
    discard() {
      stream.close();
      closed.length = 0;
    },
  };
}
