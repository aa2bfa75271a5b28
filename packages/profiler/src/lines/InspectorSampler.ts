import type * as Inspector from 'node:inspector';
import { SamplerUnavailableError, toError } from '../base/errors';
import { guardSignal } from '../sampler/guardSignal';
import type { InspectorProfile, LineSampler } from './LineSampler';

/**
 * Samples lines with the profiler of V8's inspector. It runs beside the labeled sampler and does
 * not touch the labels. Opens no port. Node.js answers a session of the same thread before `post`
 * returns.
 */
export class InspectorSampler implements LineSampler {
  private session: Inspector.Session | undefined;
  private unguard: (() => void) | undefined;

  start(intervalMicros: number, onDeaf: () => void): void {
    const session = connect();
    try {
      post(session, 'Profiler.enable');
      post(session, 'Profiler.setSamplingInterval', { interval: intervalMicros });
      post(session, 'Profiler.start');
    } catch (thrown) {
      session.disconnect();
      throw thrown;
    }
    this.session = session;
    this.unguard = guardSignal(onDeaf);
  }

  stop(): InspectorProfile {
    const { session } = this;
    if (session === undefined) throw new Error('the line sampler is not running');
    this.session = undefined;
    this.unguard?.();
    try {
      return post<{ profile: InspectorProfile }>(session, 'Profiler.stop').profile;
    } finally {
      session.disconnect();
    }
  }
}

function connect(): Inspector.Session {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: some builds of Node.js have none
    const inspector = require('node:inspector') as typeof Inspector;
    const session = new inspector.Session();
    session.connect();
    return session;
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
