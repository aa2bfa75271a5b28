import type { LabelSet } from '../model/LabelSet';
import type { LabelContext, LabelStorage } from '../labels/LabelStorage';

/** A label set with contexts in it. They are keyed by symbols: copies take them along, and no label is one. */
type ContextualLabels = Readonly<Record<symbol, object | undefined>>;

/**
 * The contexts that a user of `time` has set in asynchronous flows. They travel with the labels of the flow, beside them
 * and beside the value of the user's: none of the three replaces another.
 */
export class FlowContexts {
  private readonly key: symbol;

  /** @param owner Whose contexts these are. Those of another owner in the same flow are others. */
  constructor(
    private readonly storage: LabelStorage,
    owner: string,
  ) {
    this.key = Symbol.for(`rulescope.profiler.context.${owner}`);
  }

  /** The context of the running flow. */
  current(): object | undefined {
    return this.in(this.storage.currentLabelContext()?.labels);
  }

  /** The context among `labels`: the very object that was set. */
  in(labels: LabelSet | undefined): object | undefined {
    return (labels as ContextualLabels | undefined)?.[this.key];
  }

  /** From here on the running flow has `context`, or none. */
  enter(context: object | undefined): void {
    this.storage.enter(this.carrierWith(context));
  }

  /** Calls `fn` with `context` in it and in all asynchronous work it starts. Returns or throws as `fn` does. */
  run<A extends unknown[], R>(context: object, fn: (...args: A) => R, ...args: A): R {
    return this.storage.run(this.carrierWith(context), fn, ...args);
  }

  private carrierWith(context: object | undefined): LabelContext {
    const outer = this.storage.currentLabelContext();
    const labels: Record<string | symbol, unknown> = { ...outer?.labels };
    if (context === undefined) delete labels[this.key];
    else labels[this.key] = context;
    const some = Reflect.ownKeys(labels).length > 0;
    return this.storage.createLabelContext(some ? (labels as LabelSet) : undefined, outer?.value);
  }
}
