import type { HolderCounts, LabelSink } from '../labels/LabelStorage';
import type { Recording } from '../model/Recording';
import { DropInReadings } from './DropInReadings';
import { warnOnce } from '../slot/warnOnce';
import type { Sampler } from './Sampler';

/**
 * Replaces the sampler if the native sampler does not load. Every start throws the reason. The
 * first start in the process also warns on stderr (code `RULESCOPE_NO_SAMPLER`).
 */
export class UnavailableSampler implements Sampler, LabelSink {
  readonly running = false;
  readonly fairness = undefined;
  readonly dropIn = new DropInReadings();

  constructor(private readonly reason: Error) {}

  start(): void {
    warnOnce(`rulescope: no CPU is measured: ${this.reason.message}`, 'RULESCOPE_NO_SAMPLER');
    throw this.reason;
  }

  rotate(): Recording {
    throw this.reason;
  }

  stop(): Recording {
    throw this.reason;
  }

  createHolder(): object {
    throw this.reason;
  }

  setCell(): void {}

  sampleCount(): number {
    return 0;
  }

  totalSampleCount(): number {
    return 0;
  }

  holderCounts(): HolderCounts {
    return { used: 0, total: 0 };
  }
}
