import type { Recording } from '../../src/model/Recording';
import type { Fairness } from '../../src/sampler/FairStart';
import type { Sampler, SamplerOptions } from '../../src/sampler/Sampler';
import { recording } from './builders';

/** Sampler that keeps its options and logs its calls. */
export class FakeSampler implements Sampler {
  running = false;
  retired = false;
  fairness: Fairness | undefined;
  readonly calls: string[] = [];
  startedWith: SamplerOptions | undefined;
  /** Errors that the next calls throw. */
  startError: Error | undefined;
  rotateError: Error | undefined;
  stopError: Error | undefined;

  start(options: SamplerOptions): void {
    this.calls.push('start');
    if (this.startError !== undefined) throw this.startError;
    this.startedWith = options;
    this.running = true;
  }

  rotate(options: SamplerOptions): Recording {
    this.calls.push('rotate');
    this.failWith(this.rotateError);
    this.startedWith = options;
    return recording();
  }

  stop(): Recording {
    this.calls.push('stop');
    this.failWith(this.stopError);
    this.running = false;
    return recording();
  }

  /** Throws `error`, if there is one, and stops: a sampler that fails is stopped. */
  private failWith(error: Error | undefined): void {
    if (error === undefined) return;
    this.running = false;
    throw error;
  }
}
