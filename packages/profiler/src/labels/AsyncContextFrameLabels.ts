import type { LabelContext, LabelSink, SamplerLabelStorage } from './LabelStorage';
import type { LabelSet } from '../model/LabelSet';
import { AsyncLocalStorage } from 'node:async_hooks';

/** A context as this storage makes it. */
interface FrameContext extends LabelContext {
  /** What the sampler's storage has while it is current. A context that is its own base needs no second storage. */
  base: FrameContext | undefined;
  /** The native object that the sampler looks for, with this context's labels and value on it; its own holder. */
  holder: FrameContext | undefined;
  /** Whether a context lies over this one somewhere. Where none does, the second storage need not be read. */
  overlaid: boolean;
}

/**
 * Labels where the runtime itself carries the storage's value to every callback and the sampler reads it there
 * (AsyncContextFrame: Node 24 and later, 22.7 with a flag). Nothing of ours runs on an asynchronous switch.
 *
 * The sampler reads labels from a native holder in `storage`. A holder is dear to make (microseconds, with its part of
 * garbage collection), a storage is cheap to enter. Hence, by what is entered:
 *
 * - a context that comes again gets a holder of its own: one storage;
 * - one with the labels that are current leaves the holder where it is and goes into a second storage: one storage;
 * - any other uses the holder of its label set and goes into the second storage: two.
 *
 * One without labels goes into `storage` itself, where the sampler passes over it.
 */
export class AsyncContextFrameLabels implements SamplerLabelStorage {
  private readonly overlays = new AsyncLocalStorage<FrameContext | undefined>();
  private readonly owners = new AsyncLocalStorage<object>();
  private readonly holders = new WeakMap<LabelSet, FrameContext>();
  private timesEntered = 0;
  private sink: LabelSink | undefined;
  readonly frameStorage = new AsyncLocalStorage<unknown>();

  connect(sink: LabelSink): void {
    this.sink = sink;
  }

  createLabelContext(labels: LabelSet | undefined, value?: unknown): LabelContext {
    return newContext(labels, value);
  }

  run<A extends unknown[], R>(context: LabelContext, fn: (...args: A) => R, ...args: A): R {
    const { frameStorage: storage, overlays, timesEntered } = this;
    const current = storage.getStore() as FrameContext | undefined;
    const next = this.placed(context as FrameContext, current);
    const { base } = next;
    const over = base === next ? undefined : next;
    // Where no context lies over either base, whatever is in the second storage is passed over, and can stay.
    const matters = base?.overlaid === true || current?.overlaid === true;
    const overlay = matters ? overlays.getStore() : undefined;
    const covers = base?.overlaid === true && (over !== undefined || overlay?.base === base);
    if (base !== current) storage.enterWith(base);
    if (covers) overlays.enterWith(over);
    try {
      return fn(...args);
    } finally {
      // Whoever entered another context in `fn` has moved both storages.
      const entered = this.timesEntered !== timesEntered;
      if (base !== current || entered) storage.enterWith(current);
      if (covers || entered) overlays.enterWith(overlay);
    }
  }

  enter(context: LabelContext): void {
    this.timesEntered++;
    const current = this.frameStorage.getStore() as FrameContext | undefined;
    const next = this.placed(context as FrameContext, current);
    this.frameStorage.enterWith(next.base);
    this.overlays.enterWith(next === next.base ? undefined : next);
  }

  currentLabelContext(): LabelContext | undefined {
    const base = this.frameStorage.getStore() as FrameContext | undefined;
    if (base === undefined || !base.overlaid) return base;
    const overlay = this.overlays.getStore();
    return overlay !== undefined && overlay.base === base ? overlay : base;
  }

  runOwned<R>(owner: object, fn: () => R): R {
    return this.run(newContext(undefined, undefined), () => this.owners.run(owner, fn));
  }

  currentOwner(): object | undefined {
    return this.owners.getStore();
  }

  samplingStarted(): void {}
  recordingClosed(): void {}
  samplingStopped(): void {}

  /** `context`, or what stands for it, with its base. */
  private placed(context: FrameContext, current: FrameContext | undefined): FrameContext {
    const { labels, holder } = context;
    if (labels === undefined) return context;
    if (holder !== undefined) return holder;
    const { sink } = this;
    if (sink === undefined) {
      context.base = context;
      return context;
    }
    // Without a holder, `current` was entered before there was a sampler.
    if (current?.holder !== undefined && current.labels === labels) return onto(current, context);
    if (context.base !== undefined) {
      return (context.holder = createHolder(sink, labels, context.value));
    }
    let shared = this.holders.get(labels);
    if (shared === undefined) {
      this.holders.set(labels, (shared = createHolder(sink, labels, undefined)));
    }
    return onto(shared, context);
  }
}

function createHolder(sink: LabelSink, labels: LabelSet, value: unknown): FrameContext {
  // The native side holds the cell strongly as long as the holder lives. So nothing that leads back
  // to the holder may hang on the cell: not the value, nor the label set that is its key in `holders`.
  const holder = sink.createHolder({ labels: { ...labels } }) as FrameContext;
  return Object.assign(holder, { labels, value, base: holder, holder, overlaid: false });
}

function newContext(labels: LabelSet | undefined, value: unknown): FrameContext {
  const context: FrameContext = {
    labels,
    value,
    base: undefined,
    holder: undefined,
    overlaid: false,
  };
  if (labels === undefined) context.base = context;
  return context;
}

/** `context` over `base`; a copy if it lies over something else. */
function onto(base: FrameContext, context: FrameContext): FrameContext {
  base.overlaid = true;
  if (context.base !== undefined && context.base !== base) return { ...context, base };
  context.base = base;
  return context;
}
