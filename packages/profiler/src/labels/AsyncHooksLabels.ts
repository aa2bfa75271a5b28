import { type AsyncHook, AsyncLocalStorage, createHook } from 'node:async_hooks';
import type { LabelCell, LabelSet } from '../model/LabelSet';
import type { LabelContext, LabelSink, SamplerLabelStorage } from './LabelStorage';

/** Context with the state that this storage needs. */
interface OwnedContext extends LabelContext {
  /**
   * See {@link SamplerLabelStorage.runOwned}. The owner is part of the context, because a second
   * storage in use would make each promise of the process about 0.15 microseconds slower.
   */
  readonly owner: object | undefined;
}

/**
 * Label storage for runtimes without AsyncContextFrame (Node.js 20, 22 by default,
 * `--no-async-context-frame`). The sampler knows one cell per thread. While sampling is on, an
 * async hook updates the labels on every asynchronous switch.
 *
 * A switch writes a field of the cell that the sampler holds. The sampler receives a new cell only
 * if a sample was taken since the last switch, because that sample keeps the old cell.
 */
export class AsyncHooksLabels implements SamplerLabelStorage {
  private hook: AsyncHook | undefined;
  private cell: LabelCell = { labels: undefined };
  /** Number of samples in the recording when the sampler received the current cell. */
  private samplesAtNewCell = 0;
  /** Labels of the flows that the running flow interrupted, innermost last. */
  private readonly interrupted: (LabelSet | undefined)[] = [];

  private readonly storage = new AsyncLocalStorage<unknown>();
  private sink: LabelSink | undefined;
  readonly frameStorage = undefined;

  connect(sink: LabelSink): void {
    if (this.sink !== undefined)
      throw new Error('the labels of this thread already have a sampler');
    this.sink = sink;
  }

  createLabelContext(labels: LabelSet | undefined, value?: unknown): LabelContext {
    return newContext(labels, value, undefined);
  }

  run<A extends unknown[], R>(context: LabelContext, fn: (...args: A) => R, ...args: A): R {
    return this.runFrom(this.current(), context, fn, ...args);
  }

  runFrom<A extends unknown[], R>(
    current: OwnedContext | undefined,
    context: LabelContext,
    fn: (...args: A) => R,
    ...args: A
  ): R {
    return this.runIn(current, withOwner(current?.owner, context), fn, args);
  }

  runOwned<R>(owner: object, fn: () => R): R {
    return this.runIn(this.current(), newContext(undefined, undefined, owner), fn, []);
  }

  private runIn<A extends unknown[], R>(
    current: OwnedContext | undefined,
    context: OwnedContext,
    fn: (...args: A) => R,
    args: A,
  ): R {
    const { hook } = this;
    const outer = this.cell.labels;
    if (hook !== undefined) this.setLabels(context.labels);
    try {
      return this.storage.run(context, fn, ...args);
    } finally {
      // `AsyncLocalStorage.run` does nothing if `context` is already current. Then it also does not
      // restore the context if `fn` has entered another one.
      if (context === current && this.current() !== current) this.storage.enterWith(current);
      // If sampling was started in `fn`, the cell did not have the outer labels before.
      if (this.hook !== undefined) {
        this.setLabels(this.hook === hook ? outer : this.current()?.labels);
      }
    }
  }

  currentOwner(): object | undefined {
    return this.current()?.owner;
  }

  enter(context: LabelContext): void {
    this.storage.enterWith(withOwner(this.currentOwner(), context));
    if (this.hook !== undefined) this.setLabels(context.labels);
  }

  currentLabelContext(): LabelContext | undefined {
    return this.current();
  }

  private current(): OwnedContext | undefined {
    return this.storage.getStore() as OwnedContext | undefined;
  }

  samplingStarted(): void {
    if (this.hook !== undefined) return;
    this.setNewCell(this.current()?.labels);
    process.on('uncaughtExceptionMonitor', this.clearInterrupted);
    this.hook = createHook({
      before: () => {
        this.interrupted.push(this.cell.labels);
        this.setLabels(this.current()?.labels);
      },
      after: () => this.setLabels(this.interrupted.pop()),
    }).enable();
  }

  recordingClosed(): void {
    this.setNewCell(this.cell.labels);
  }

  samplingStopped(): void {
    this.hook?.disable();
    this.hook = undefined;
    this.interrupted.length = 0;
    this.cell = { labels: undefined };
    process.removeListener('uncaughtExceptionMonitor', this.clearInterrupted);
  }

  /**
   * Clears the stack of interrupted flows. After an uncaught exception Node.js drops its own stack,
   * and ours must not outlive it.
   */
  private readonly clearInterrupted = (): void => {
    this.interrupted.length = 0;
  };

  private setLabels(labels: LabelSet | undefined): void {
    if (this.cell.labels === labels) return;
    if (this.sink?.sampleCount() === this.samplesAtNewCell) {
      this.cell.labels = labels;
    } else {
      this.setNewCell(labels);
    }
  }

  private setNewCell(labels: LabelSet | undefined): void {
    // Read the count first. A sample that is taken in between keeps the new cell. The lower count
    // then prevents another write to that cell.
    const samplesAtNewCell = this.sink?.sampleCount() ?? 0;
    this.cell = { labels };
    this.sink?.setCell(this.cell);
    this.samplesAtNewCell = samplesAtNewCell;
  }
}

function newContext(
  labels: LabelSet | undefined,
  value: unknown,
  owner: object | undefined,
): OwnedContext {
  return { labels, value, owner };
}

/** Returns `context` for a flow of `owner`: a copy if `context` has another owner. */
function withOwner(owner: object | undefined, context: LabelContext): OwnedContext {
  if ((context as OwnedContext).owner === owner) return context as OwnedContext;
  return newContext(context.labels, context.value, owner);
}
