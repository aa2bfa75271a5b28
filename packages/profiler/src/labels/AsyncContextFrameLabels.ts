import type { AsyncLocalStorage } from 'node:async_hooks';
import type { LabelSink } from '../sampler/Sampler';
import type { LabelSet } from './LabelSet';
import type { Carrier } from './LabelStorage';
import type { SwitchableLabels } from './SwitchableLabels';

/**
 * Labels where the runtime itself carries the storage's value to every callback and the sampler reads it there
 * (AsyncContextFrame: Node 24 and later, 22.7 with a flag). Nothing of ours runs on an asynchronous switch.
 *
 * A carrier with labels is the native holder that the sampler looks for, with our two fields put on it. One
 * without is a plain object, which the sampler passes over: no native part, hence as cheap as an object.
 */
export class AsyncContextFrameLabels implements SwitchableLabels {
  constructor(
    private readonly storage: AsyncLocalStorage<unknown>,
    private readonly sink: LabelSink,
  ) {}

  createCarrier(labels: LabelSet | undefined, value?: unknown): Carrier {
    if (labels === undefined) return { labels, value };
    // The native side holds the cell strongly as long as the holder lives, so nothing that leads back to the holder
    // may hang on the cell; `value` hangs on the holder, where the collector sees the circle.
    return Object.assign(this.sink.createHolder({ labels }), { labels, value });
  }

  run<A extends unknown[], R>(carrier: Carrier, fn: (...args: A) => R, ...args: A): R {
    return this.storage.run(carrier, fn, ...args);
  }

  enter(carrier: Carrier): void {
    this.storage.enterWith(carrier);
  }

  getCarrier(): Carrier | undefined {
    return this.storage.getStore() as Carrier | undefined;
  }

  samplingStarted(): void {}
  recordingClosed(): void {}
  samplingStopped(): void {}
}
