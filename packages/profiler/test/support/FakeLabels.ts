import { AsyncLocalStorage } from 'node:async_hooks';
import type { LabelSet } from '../../src/labels/LabelSet';
import type { Carrier } from '../../src/labels/LabelStorage';
import type { SwitchableLabels } from '../../src/labels/SwitchableLabels';

/** Labels without a sampler, which log what their collector tells them. */
export class FakeLabels implements SwitchableLabels {
  readonly events: string[] = [];
  private readonly storage = new AsyncLocalStorage<Carrier>();
  private readonly owners = new AsyncLocalStorage<object>();

  createCarrier(labels: LabelSet | undefined, value?: unknown): Carrier {
    return { labels, value };
  }

  run<A extends unknown[], R>(carrier: Carrier, fn: (...args: A) => R, ...args: A): R {
    return this.storage.run(carrier, fn, ...args);
  }

  enter(carrier: Carrier): void {
    this.storage.enterWith(carrier);
  }

  getCarrier(): Carrier | undefined {
    return this.storage.getStore();
  }

  runOwned<R>(owner: object, fn: () => R): R {
    return this.run(this.createCarrier(undefined), () => this.owners.run(owner, fn));
  }

  currentOwner(): object | undefined {
    return this.owners.getStore();
  }

  samplingStarted(): void {
    this.events.push('started');
  }

  recordingClosed(): void {
    this.events.push('closed');
  }

  samplingStopped(): void {
    this.events.push('stopped');
  }
}
