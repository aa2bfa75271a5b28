import { AsyncLocalStorage } from 'node:async_hooks';
import type { LabelContext, SamplerLabelStorage } from '../../src/labels/LabelStorage';
import type { LabelSet } from '../../src/model/LabelSet';

/** Label storage without a sampler. Logs the calls of its collector. */
export class FakeLabels implements SamplerLabelStorage {
  readonly frameStorage = undefined;
  readonly events: string[] = [];
  private readonly storage = new AsyncLocalStorage<LabelContext>();
  private readonly owners = new AsyncLocalStorage<object>();

  connect(): void {}

  createLabelContext(labels: LabelSet | undefined, value?: unknown): LabelContext {
    return { labels, value };
  }

  run<A extends unknown[], R>(context: LabelContext, fn: (...args: A) => R, ...args: A): R {
    return this.storage.run(context, fn, ...args);
  }

  runFrom<A extends unknown[], R>(
    _current: LabelContext | undefined,
    context: LabelContext,
    fn: (...args: A) => R,
    ...args: A
  ): R {
    return this.run(context, fn, ...args);
  }

  enter(context: LabelContext): void {
    this.storage.enterWith(context);
  }

  currentLabelContext(): LabelContext | undefined {
    return this.storage.getStore();
  }

  runOwned<R>(owner: object, fn: () => R): R {
    return this.run(this.createLabelContext(undefined), () => this.owners.run(owner, fn));
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
