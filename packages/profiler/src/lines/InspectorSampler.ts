import type * as Inspector from 'node:inspector';
import { SamplerUnavailableError, toError } from '../base/errors';
import { timers } from '../base/timers';
import { guardSignal } from '../sampler/guardSignal';
import type { InspectorProfile, LineSampler } from './LineSampler';

/** A session of the inspector, while it samples. */
interface Sampling {
  readonly session: Inspector.Session;
  readonly console: Inspector.InspectorConsole;
  readonly unguard: () => void;
  /** Title of the profile under way. `undefined`: the first one, which has none. */
  title?: string;
  /** The profile with that title, when it has ended. */
  ended?: InspectorProfile;
}

/**
 * Samples lines with the profiler of V8's inspector. It runs beside the labeled sampler and does
 * not touch the labels. Opens no port. Node.js answers a session of the same thread before `post`
 * returns.
 */
export class InspectorSampler implements LineSampler {
  private sampling: Sampling | undefined;

  start(intervalMicros: number, onDeaf: () => void): void {
    const { Session, console } = loadInspector();
    const session = new Session();
    session.connect();
    try {
      post(session, 'Profiler.enable');
      post(session, 'Profiler.setSamplingInterval', { interval: intervalMicros });
      post(session, 'Profiler.start');
    } catch (thrown) {
      session.disconnect();
      throw thrown;
    }
    const sampling: Sampling = { session, console, unguard: guardSignal(onDeaf) };
    session.on('Profiler.consoleProfileFinished', ({ params }) => {
      if (params.title === sampling.title) sampling.ended = params.profile as InspectorProfile;
    });
    this.sampling = sampling;
  }

  cut(): InspectorProfile {
    const sampling = this.running();
    // V8's profiler would describe all compiled code again if it stopped between two profiles. Only
    // profiles of the console can overlap. The title differs from those of all other users.
    const title = `rulescope lines ${timers.monotonicMillis()}`;
    try {
      sampling.console.profile(title);
      const profile = endProfile(sampling);
      sampling.title = title;
      return profile;
    } catch (thrown) {
      this.release(sampling);
      throw thrown;
    }
  }

  stop(): InspectorProfile {
    const sampling = this.running();
    try {
      return endProfile(sampling);
    } finally {
      this.release(sampling);
    }
  }

  private running(): Sampling {
    if (this.sampling === undefined) throw new Error('the line sampler is not running');
    return this.sampling;
  }

  private release({ session, unguard }: Sampling): void {
    this.sampling = undefined;
    unguard();
    session.disconnect();
  }
}

/** Ends the profile under way and returns it. */
function endProfile(sampling: Sampling): InspectorProfile {
  const { session, console, title } = sampling;
  if (title === undefined)
    return post<{ profile: InspectorProfile }>(session, 'Profiler.stop').profile;
  // In Node.js 20 and 22, `console.profileEnd()` of other code ends the profile that began last.
  if (sampling.ended === undefined) console.profileEnd(title);
  const { ended } = sampling;
  delete sampling.ended;
  if (ended === undefined) throw new SamplerUnavailableError('the inspector returned no profile');
  return ended;
}

function loadInspector(): typeof Inspector {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: some builds of Node.js have none
    return require('node:inspector') as typeof Inspector;
  } catch (thrown) {
    throw new SamplerUnavailableError(
      `line-level profiles need the inspector, and this Node.js has none (${toError(thrown).message})`,
      { cause: thrown },
    );
  }
}

function post<R>(session: Inspector.Session, method: string, params: object = {}): R {
  let answer: { error: Error | null; result: unknown } | undefined;
  session.post(method, params, (error: Error | null, result: unknown) => {
    answer = { error, result };
  });
  if (answer === undefined)
    throw new SamplerUnavailableError(`the inspector did not answer ${method}`);
  if (answer.error !== null)
    throw new SamplerUnavailableError(`${method}: ${answer.error.message}`);
  return answer.result as R;
}
