import type { LabelContext, LabelStorage } from '../labels/LabelStorage';
import type { LabelSet } from '../model/LabelSet';

/**
 * A label set that also holds contexts. Their keys are symbols, so a copy of the set includes them
 * and no label can have the same key.
 */
type ContextualLabels = Readonly<Record<symbol, object | undefined>>;

/**
 * The contexts that a user of `time` has set in asynchronous flows. A flow carries them beside its
 * labels and beside the value of the label storage. Setting one of the three does not replace
 * another.
 */
export class FlowContexts {
  private readonly key: symbol;

  /** @param owner Owner of these contexts. Each owner has a context of its own in a flow. */
  constructor(
    private readonly storage: LabelStorage,
    owner: string,
  ) {
    this.key = Symbol.for(`rulescope.profiler.context.${owner}`);
  }

  /** Returns the context of the running flow. */
  current(): object | undefined {
    return this.in(this.storage.currentLabelContext()?.labels);
  }

  /** Returns the context in `labels`, the same object that was set. */
  in(labels: LabelSet | undefined): object | undefined {
    return (labels as ContextualLabels | undefined)?.[this.key];
  }

  /** Sets the context of the running flow from here on. `undefined` removes it. */
  enter(context: object | undefined): void {
    this.storage.enter(this.labelContextWith(context));
  }

  /**
   * Calls `fn` with `context` current in it and in all asynchronous work that it starts. Returns
   * what `fn` returns and throws what it throws.
   */
  run<A extends unknown[], R>(context: object, fn: (...args: A) => R, ...args: A): R {
    return this.storage.run(this.labelContextWith(context), fn, ...args);
  }

  private labelContextWith(context: object | undefined): LabelContext {
    const outer = this.storage.currentLabelContext();
    const labels: Record<string | symbol, unknown> = { ...outer?.labels };
    if (context === undefined) delete labels[this.key];
    else labels[this.key] = context;
    const hasEntries = Reflect.ownKeys(labels).length > 0;
    return this.storage.createLabelContext(
      hasEntries ? (labels as LabelSet) : undefined,
      outer?.value,
    );
  }
}
