import type { LabelContext, LabelSink, SamplerLabelStorage } from './LabelStorage';
import type { LabelCell, LabelSet } from '../model/LabelSet';
import { type AsyncHook, AsyncLocalStorage, createHook } from 'node:async_hooks';

/** A context as this storage makes it. */
interface OwnedContext extends LabelContext {
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

  private readonly storage = new AsyncLocalStorage<unknown>();
  private sink: LabelSink | undefined;
  readonly frameStorage = undefined;

  connect(sink: LabelSink): void {
    this.sink = sink;
  }

  createLabelContext(labels: LabelSet | undefined, value?: unknown): LabelContext {
    return newContext(labels, value, undefined);
  }

  run<A extends unknown[], R>(context: LabelContext, fn: (...args: A) => R, ...args: A): R {
    const current = this.current();
    return this.runFrom(current, ownedBy(current?.owner, context), fn, args);
  }

  runOwned<R>(owner: object, fn: () => R): R {
    return this.runFrom(this.current(), newContext(undefined, undefined, owner), fn, []);
  }

  private runFrom<A extends unknown[], R>(
    current: OwnedContext | undefined,
    context: OwnedContext,
    fn: (...args: A) => R,
    args: A,
  ): R {
    const { hook } = this;
    const outer = this.cell.labels;
    if (hook !== undefined) this.switchTo(context.labels);
    try {
      return this.storage.run(context, fn, ...args);
    } finally {
      // What is current already is not run anew, hence not left either by whoever entered another context in `fn`.
      if (context === current && this.current() !== current) this.storage.enterWith(current);
      // Where sampling was started in `fn`, nobody noted the outer labels before.
      if (this.hook !== undefined) {
        this.switchTo(this.hook === hook ? outer : this.current()?.labels);
      }
    }
  }

  currentOwner(): object | undefined {
    return this.current()?.owner;
  }

  enter(context: LabelContext): void {
    this.storage.enterWith(ownedBy(this.currentOwner(), context));
    if (this.hook !== undefined) this.switchTo(context.labels);
  }

  currentLabelContext(): LabelContext | undefined {
    return this.current();
  }

  private current(): OwnedContext | undefined {
    return this.storage.getStore() as OwnedContext | undefined;
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
    if (this.sink?.sampleCount() === this.samplesSeen) {
      this.cell.labels = labels;
    } else {
      this.handOver(labels);
    }
  }

  private handOver(labels: LabelSet | undefined): void {
    // The count first: a sample that is taken in between keeps the new cell, which must then not be written to again.
    const samplesSeen = this.sink?.sampleCount() ?? 0;
    this.cell = { labels };
    this.sink?.setCell(this.cell);
    this.samplesSeen = samplesSeen;
  }
}

function newContext(
  labels: LabelSet | undefined,
  value: unknown,
  owner: object | undefined,
): OwnedContext {
  return { labels, value, owner };
}

/** `context`, or what stands for it in a flow of `owner`. */
function ownedBy(owner: object | undefined, context: LabelContext): OwnedContext {
  if ((context as OwnedContext).owner === owner) return context as OwnedContext;
  return newContext(context.labels, context.value, owner);
}
