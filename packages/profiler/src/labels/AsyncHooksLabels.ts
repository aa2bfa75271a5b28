import type { LabelContext, LabelSink, SamplerLabelStorage } from './LabelStorage';
import type { LabelCell, LabelSet } from '../model/LabelSet';
import { type AsyncHook, type AsyncLocalStorage, createHook } from 'node:async_hooks';

/** A carrier as this storage makes it. */
interface OwnedCarrier extends LabelContext {
  /**
   * See {@link SamplerLabelStorage.runOwned}. Not in a storage of its own: as soon as a process uses one storage more, each promise it makes
   * costs some 0.15 microseconds more.
   */
  readonly owner: object | undefined;
}

/**
 * Labels where the sampler knows one cell per thread (Node 20, 22 by default, `--no-async-context-frame`): on
 * every asynchronous switch, while sampling is on, a hook tells it whose turn it is.
 *
 * The switch writes a field of the cell the sampler holds. Only when a sample has been taken since the
 * last switch, and so keeps that cell, is a fresh one handed over.
 */
export class AsyncHooksLabels implements SamplerLabelStorage {
  private hook: AsyncHook | undefined;
  private cell: LabelCell = { labels: undefined };
  private samplesSeen = 0;
  /** Labels of the flows that the running one interrupted, innermost last. */
  private readonly interrupted: (LabelSet | undefined)[] = [];

  constructor(
    private readonly storage: AsyncLocalStorage<unknown>,
    private readonly sink: LabelSink,
  ) {}

  createLabelContext(labels: LabelSet | undefined, value?: unknown): LabelContext {
    return newCarrier(labels, value, undefined);
  }

  run<A extends unknown[], R>(carrier: LabelContext, fn: (...args: A) => R, ...args: A): R {
    const current = this.current();
    return this.runFrom(current, ownedBy(current?.owner, carrier), fn, args);
  }

  runOwned<R>(owner: object, fn: () => R): R {
    return this.runFrom(this.current(), newCarrier(undefined, undefined, owner), fn, []);
  }

  private runFrom<A extends unknown[], R>(
    current: OwnedCarrier | undefined,
    carrier: OwnedCarrier,
    fn: (...args: A) => R,
    args: A,
  ): R {
    const { hook } = this;
    const outer = this.cell.labels;
    if (hook !== undefined) this.switchTo(carrier.labels);
    try {
      return this.storage.run(carrier, fn, ...args);
    } finally {
      // What is current already is not run anew, hence not left either by whoever entered another carrier in `fn`.
      if (carrier === current && this.current() !== current) this.storage.enterWith(current);
      // Where sampling was started in `fn`, nobody noted the outer labels before.
      if (this.hook !== undefined) {
        this.switchTo(this.hook === hook ? outer : this.current()?.labels);
      }
    }
  }

  currentOwner(): object | undefined {
    return this.current()?.owner;
  }

  enter(carrier: LabelContext): void {
    this.storage.enterWith(ownedBy(this.currentOwner(), carrier));
    if (this.hook !== undefined) this.switchTo(carrier.labels);
  }

  currentLabelContext(): LabelContext | undefined {
    return this.current();
  }

  private current(): OwnedCarrier | undefined {
    return this.storage.getStore() as OwnedCarrier | undefined;
  }

  samplingStarted(): void {
    if (this.hook !== undefined) return;
    this.handOver(this.current()?.labels);
    process.on('uncaughtExceptionMonitor', this.forgetInterrupted);
    this.hook = createHook({
      before: () => {
        this.interrupted.push(this.cell.labels);
        this.switchTo(this.current()?.labels);
      },
      after: () => this.switchTo(this.interrupted.pop()),
    }).enable();
  }

  recordingClosed(): void {
    this.handOver(this.cell.labels);
  }

  samplingStopped(): void {
    this.hook?.disable();
    this.hook = undefined;
    this.interrupted.length = 0;
    this.cell = { labels: undefined };
    process.removeListener('uncaughtExceptionMonitor', this.forgetInterrupted);
  }

  /** After an uncaught exception Node drops its own stack of interrupted flows; ours must not outlive it. */
  private readonly forgetInterrupted = (): void => {
    this.interrupted.length = 0;
  };

  private switchTo(labels: LabelSet | undefined): void {
    if (this.cell.labels === labels) return;
    if (this.sink.sampleCount() === this.samplesSeen) {
      this.cell.labels = labels;
    } else {
      this.handOver(labels);
    }
  }

  private handOver(labels: LabelSet | undefined): void {
    // The count first: a sample that is taken in between keeps the new cell, which must then not be written to again.
    const samplesSeen = this.sink.sampleCount();
    this.cell = { labels };
    this.sink.setCell(this.cell);
    this.samplesSeen = samplesSeen;
  }
}

function newCarrier(
  labels: LabelSet | undefined,
  value: unknown,
  owner: object | undefined,
): OwnedCarrier {
  return { labels, value, owner };
}

/** `carrier`, or what stands for it in a flow of `owner`. */
function ownedBy(owner: object | undefined, carrier: LabelContext): OwnedCarrier {
  if ((carrier as OwnedCarrier).owner === owner) return carrier as OwnedCarrier;
  return newCarrier(carrier.labels, carrier.value, owner);
}
