import type { LabelContext, LabelSink, SamplerLabelStorage } from './LabelStorage';
import type { LabelSet } from '../model/LabelSet';
import { AsyncLocalStorage } from 'node:async_hooks';

/** A carrier as this storage makes it. */
interface FrameCarrier extends LabelContext {
  /** What the sampler's storage has while it is current. A carrier that is its own base needs no second storage. */
  base: FrameCarrier | undefined;
  /** The native object that the sampler looks for, with this carrier's labels and value on it; its own holder. */
  holder: FrameCarrier | undefined;
  /** Whether a carrier lies over this one somewhere. Where none does, the second storage need not be read. */
  overlaid: boolean;
}

/**
 * Labels where the runtime itself carries the storage's value to every callback and the sampler reads it there
 * (AsyncContextFrame: Node 24 and later, 22.7 with a flag). Nothing of ours runs on an asynchronous switch.
 *
 * The sampler reads labels from a native holder in `storage`. A holder is dear to make (microseconds, with its part of
 * garbage collection), a storage is cheap to enter. Hence, by what is entered:
 *
 * - a carrier that comes again gets a holder of its own: one storage;
 * - one with the labels that are current leaves the holder where it is and goes into a second storage: one storage;
 * - any other uses the holder of its label set and goes into the second storage: two.
 *
 * One without labels goes into `storage` itself, where the sampler passes over it.
 */
export class AsyncContextFrameLabels implements SamplerLabelStorage {
  private readonly overlays = new AsyncLocalStorage<FrameCarrier | undefined>();
  private readonly owners = new AsyncLocalStorage<object>();
  private readonly holders = new WeakMap<LabelSet, FrameCarrier>();
  private timesEntered = 0;

  constructor(
    private readonly storage: AsyncLocalStorage<unknown>,
    private readonly sink: LabelSink,
  ) {}

  createLabelContext(labels: LabelSet | undefined, value?: unknown): LabelContext {
    return newCarrier(labels, value);
  }

  run<A extends unknown[], R>(carrier: LabelContext, fn: (...args: A) => R, ...args: A): R {
    const { storage, overlays, timesEntered } = this;
    const current = storage.getStore() as FrameCarrier | undefined;
    const next = this.placed(carrier as FrameCarrier, current);
    const { base } = next;
    const over = base === next ? undefined : next;
    // Where no carrier lies over either base, whatever is in the second storage is passed over, and can stay.
    const matters = base?.overlaid === true || current?.overlaid === true;
    const overlay = matters ? overlays.getStore() : undefined;
    const covers = base?.overlaid === true && (over !== undefined || overlay?.base === base);
    if (base !== current) storage.enterWith(base);
    if (covers) overlays.enterWith(over);
    try {
      return fn(...args);
    } finally {
      // Whoever entered another carrier in `fn` has moved both storages.
      const entered = this.timesEntered !== timesEntered;
      if (base !== current || entered) storage.enterWith(current);
      if (covers || entered) overlays.enterWith(overlay);
    }
  }

  enter(carrier: LabelContext): void {
    this.timesEntered++;
    const current = this.storage.getStore() as FrameCarrier | undefined;
    const next = this.placed(carrier as FrameCarrier, current);
    this.storage.enterWith(next.base);
    this.overlays.enterWith(next === next.base ? undefined : next);
  }

  currentLabelContext(): LabelContext | undefined {
    const base = this.storage.getStore() as FrameCarrier | undefined;
    if (base === undefined || !base.overlaid) return base;
    const overlay = this.overlays.getStore();
    return overlay !== undefined && overlay.base === base ? overlay : base;
  }

  runOwned<R>(owner: object, fn: () => R): R {
    return this.run(newCarrier(undefined, undefined), () => this.owners.run(owner, fn));
  }

  currentOwner(): object | undefined {
    return this.owners.getStore();
  }

  samplingStarted(): void {}
  recordingClosed(): void {}
  samplingStopped(): void {}

  /** `carrier`, or what stands for it, with its base. */
  private placed(carrier: FrameCarrier, current: FrameCarrier | undefined): FrameCarrier {
    const { labels, holder } = carrier;
    if (labels === undefined) return carrier;
    if (holder !== undefined) return holder;
    if (current !== undefined && current.labels === labels) return onto(current, carrier);
    if (carrier.base !== undefined)
      return (carrier.holder = this.createHolder(labels, carrier.value));
    let shared = this.holders.get(labels);
    if (shared === undefined) {
      this.holders.set(labels, (shared = this.createHolder(labels, undefined)));
    }
    return onto(shared, carrier);
  }

  private createHolder(labels: LabelSet, value: unknown): FrameCarrier {
    // The native side holds the cell strongly as long as the holder lives, so nothing that leads back to the holder
    // may hang on the cell: not the value, nor the very label set that `holders` knows it by.
    const holder = this.sink.createHolder({ labels: { ...labels } }) as FrameCarrier;
    return Object.assign(holder, { labels, value, base: holder, holder, overlaid: false });
  }
}

function newCarrier(labels: LabelSet | undefined, value: unknown): FrameCarrier {
  const carrier: FrameCarrier = {
    labels,
    value,
    base: undefined,
    holder: undefined,
    overlaid: false,
  };
  if (labels === undefined) carrier.base = carrier;
  return carrier;
}

/** `carrier` over `base`; a copy if it lies over something else. */
function onto(base: FrameCarrier, carrier: FrameCarrier): FrameCarrier {
  base.overlaid = true;
  if (carrier.base !== undefined && carrier.base !== base) return { ...carrier, base };
  carrier.base = base;
  return carrier;
}
