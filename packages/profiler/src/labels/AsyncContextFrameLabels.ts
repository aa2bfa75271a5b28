import { AsyncLocalStorage } from 'node:async_hooks';
import type { LabelSet } from '../model/LabelSet';
import type { LabelContext, LabelSink, SamplerLabelStorage } from './LabelStorage';

/** Context with the state that this storage needs. */
interface FrameContext extends LabelContext {
  /**
   * Value of `frameStorage` while this context is current. A context that is its own base needs no
   * second storage. `undefined` before the first entry.
   */
  base: FrameContext | undefined;
  /**
   * Holder with the labels and value of this context: the native object that the sampler looks for.
   * A holder refers to itself. `undefined` if the context has no holder of its own.
   */
  holder: FrameContext | undefined;
  /**
   * Whether any context was entered as an overlay of this one. If not, the second storage need not
   * be read.
   */
  hasOverlays: boolean;
}

/**
 * Label storage for runtimes with AsyncContextFrame (Node.js 24 and later, 22.7 with a flag). The
 * runtime carries the value of `frameStorage` to every callback, and the sampler reads the labels
 * there. None of our code runs on an asynchronous switch.
 *
 * The sampler reads labels from a native holder in `frameStorage`. A holder is expensive to create
 * (microseconds, including its share of garbage collection); a storage is cheap to enter. The
 * storages therefore depend on the context that is entered:
 *
 * - A context that is entered again gets a holder of its own: one storage.
 * - A context with the current labels leaves the current holder in place and becomes its overlay in
 *   a second storage: one storage.
 * - Any other context uses the shared holder of its label set and becomes an overlay of that
 *   holder: two storages.
 * - A context without labels goes into `frameStorage` itself. The sampler ignores it.
 */
export class AsyncContextFrameLabels implements SamplerLabelStorage {
  private readonly overlays = new AsyncLocalStorage<FrameContext | undefined>();
  private readonly owners = new AsyncLocalStorage<object>();
  private readonly holders = new WeakMap<LabelSet, FrameContext>();
  private timesEntered = 0;
  private sink: LabelSink | undefined;
  readonly frameStorage = new AsyncLocalStorage<unknown>();

  connect(sink: LabelSink): void {
    if (this.sink !== undefined)
      throw new Error('the labels of this thread already have a sampler');
    this.sink = sink;
  }

  createLabelContext(labels: LabelSet | undefined, value?: unknown): LabelContext {
    return newContext(labels, value);
  }

  run<A extends unknown[], R>(context: LabelContext, fn: (...args: A) => R, ...args: A): R {
    return this.runFrom(this.currentLabelContext(), context, fn, ...args);
  }

  runFrom<A extends unknown[], R>(
    outer: LabelContext | undefined,
    context: LabelContext,
    fn: (...args: A) => R,
    ...args: A
  ): R {
    const { frameStorage: storage, overlays, timesEntered } = this;
    const current = (outer as FrameContext | undefined)?.base;
    const next = this.prepare(context as FrameContext, current);
    const { base } = next;
    const nextOverlay = base === next ? undefined : next;
    // If neither base has overlays, the value of the second storage is ignored and can stay.
    const readsOverlay = base?.hasOverlays === true || current?.hasOverlays === true;
    const currentOverlay = readsOverlay ? overlays.getStore() : undefined;
    const changesOverlay =
      base?.hasOverlays === true && (nextOverlay !== undefined || currentOverlay?.base === base);
    if (base !== current) storage.enterWith(base);
    if (changesOverlay) overlays.enterWith(nextOverlay);
    try {
      // With `null` as `this`, as `AsyncLocalStorage.run` does.
      return Reflect.apply(fn, null, args);
    } finally {
      // If `enter` was called in `fn`, both storages may have changed.
      const entered = this.timesEntered !== timesEntered;
      if (base !== current || entered) storage.enterWith(current);
      if (changesOverlay || entered) overlays.enterWith(currentOverlay);
    }
  }

  enter(context: LabelContext): void {
    this.timesEntered++;
    const current = this.frameStorage.getStore() as FrameContext | undefined;
    const next = this.prepare(context as FrameContext, current);
    this.frameStorage.enterWith(next.base);
    this.overlays.enterWith(next === next.base ? undefined : next);
  }

  currentLabelContext(): LabelContext | undefined {
    const base = this.frameStorage.getStore() as FrameContext | undefined;
    if (base === undefined || !base.hasOverlays) return base;
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

  /**
   * Returns the context that becomes current for `context`, with its base: `context` itself, its
   * holder or a copy.
   */
  private prepare(context: FrameContext, current: FrameContext | undefined): FrameContext {
    const { labels, holder } = context;
    if (labels === undefined) return context;
    if (holder !== undefined) return holder;
    const { sink } = this;
    if (sink === undefined) {
      context.base = context;
      return context;
    }
    // A current context without a holder was entered before a sampler was connected.
    if (current?.holder !== undefined && current.labels === labels)
      return overlayOn(current, context);
    if (context.base !== undefined) {
      const like = this.holders.get(labels);
      return (context.holder = createHolder(sink, labels, context.value, like));
    }
    let shared = this.holders.get(labels);
    if (shared === undefined) {
      this.holders.set(labels, (shared = createHolder(sink, labels, undefined)));
    }
    return overlayOn(shared, context);
  }
}

function createHolder(
  sink: LabelSink,
  labels: LabelSet,
  value: unknown,
  like?: FrameContext,
): FrameContext {
  const holder = sink.createHolder(labels, like) as FrameContext;
  return Object.assign(holder, { labels, value, base: holder, holder, hasOverlays: false });
}

function newContext(labels: LabelSet | undefined, value: unknown): FrameContext {
  const context: FrameContext = {
    labels,
    value,
    base: undefined,
    holder: undefined,
    hasOverlays: false,
  };
  if (labels === undefined) context.base = context;
  return context;
}

/**
 * Returns `context` as an overlay of `base`: a copy if `context` is already an overlay of another
 * base.
 */
function overlayOn(base: FrameContext, context: FrameContext): FrameContext {
  base.hasOverlays = true;
  if (context.base !== undefined && context.base !== base) return { ...context, base };
  context.base = base;
  return context;
}
