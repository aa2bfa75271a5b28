import { type Context, type ContextManager, ROOT_CONTEXT, context, diag } from '@opentelemetry/api';
import type { LabelSet } from '@rulescope/profiler';
import {
  type LabelContext,
  type LabelStorage,
  labelStorage,
  perThread,
  slotKey,
  warnOnce,
} from '@rulescope/profiler/internal';
import { registeredManager, stamp, validContext, withManager } from './contextEra';
import { type LabelEntry, entryOf } from './contextKey';
import { flowLabels } from './flowLabels';
import { type ActiveContext, patchContextManager } from './patchContextManager';
import { rulesIn } from './sharedRules';
import { signals } from './signals';

/**
 * All copies of this package in a thread share one instance, because a context manager must be
 * patched once. Raise the version when the methods of {@link ContextLabels} that copies call change.
 */
const SLOT = slotKey<ContextLabels>('contextLabels', 1);

let cached: ContextLabels | undefined;

/** Returns the instance of this thread. Called on every entry of a rule, hence cached. */
export function contextLabels(): ContextLabels {
  return (cached ??= perThread(SLOT, () => new ContextLabels(labelStorage())));
}

/**
 * Makes the label follow the OpenTelemetry Context. Patches the registered context manager when it
 * first meets it, before or after the instrumentation is enabled. The manager stays patched,
 * because running flows carry their Context in the label storage. While no instrumentation is
 * enabled, the label storage carries no labels.
 */
export class ContextLabels {
  private users = 0;
  /** Whether flows may carry a Context. */
  private wasEnabled = false;
  private manager: ContextManager | undefined;
  /** True if `storage` has the Context: no manager is registered, or the manager keeps it there. */
  private storesContext = true;
  /** Whether the registered manager moves the label. False if it cannot be patched. */
  private movesLabel = true;
  /** Returns the active Context where `storage` has none. */
  private activeElsewhere: ActiveContext = () => context.active();
  /** The managers patched so far, with the result of {@link patchContextManager}. */
  private readonly patched = new WeakMap<ContextManager, ActiveContext | undefined>();
  private readonly signals = signals();

  constructor(readonly storage: LabelStorage) {}

  get enabled(): boolean {
    return this.users > 0;
  }

  enable(): void {
    this.users++;
    this.wasEnabled = true;
    this.followManager();
  }

  disable(): void {
    this.users--;
  }

  /** Patches the registered context manager if needed. Cheap: called on every entry of a rule. */
  followManager(): void {
    if (this.users === 0) return;
    const manager = registeredManager();
    if (manager === this.manager) return;
    this.manager = manager;
    const previousActive = manager === undefined ? undefined : this.patchOrWarn(manager);
    this.storesContext = manager === undefined || previousActive !== undefined;
    this.activeElsewhere = previousActive ?? (() => context.active());
  }

  /** Returns what the running flow carries. Call it first: it patches a new manager. */
  current(): LabelContext | undefined {
    this.followManager();
    return this.wasEnabled ? this.storage.currentLabelContext() : undefined;
  }

  /** Returns the active Context, also where no context manager is registered. */
  active(): Context {
    return this.contextIn(this.current());
  }

  /** Runs `fn` with `target` active, also where no context manager is registered. */
  with<R>(target: Context, fn: () => R): R {
    return this.run(target, fn, this.current());
  }

  /** Does what {@link active} does. `current` is the result of {@link current}. */
  contextIn(current: LabelContext | undefined): Context {
    if (!this.contextIsStored(current)) return registeredManager()?.active() ?? ROOT_CONTEXT;
    return validContext(current) ?? this.activeElsewhere();
  }

  /**
   * Returns whether the flow that carries `current` lacks the rules of `entry`, which its Context
   * keeps. It does if it entered them before the instrumentation was enabled.
   */
  lacksLabel(entry: LabelEntry, current: LabelContext | undefined): boolean {
    const labels = current?.labels;
    return this.enabled && labels !== entry.labels && rulesIn(labels) !== entry.rules;
  }

  /** Does what {@link with} does. `current` is the result of {@link current}. */
  run<R>(target: Context, fn: () => R, current: LabelContext | undefined): R {
    if (this.contextIsStored(current)) {
      // Not through the API: the patched manager would do the same.
      return this.storage.run(this.labelContextIn(current, target), fn);
    }
    if (this.movesLabel) return withManager(target, fn);
    return this.storage.run(this.labelContextIn(current, target), () => withManager(target, fn));
  }

  /** Does what {@link run} does with `entry`, faster if the flow has only the labels of `outer`. */
  runEntry<R>(
    entry: LabelEntry,
    fn: () => R,
    current: LabelContext | undefined,
    outer: LabelEntry | undefined,
  ): R {
    const common = this.enabled && this.storesContext && !this.signals.spanLabels;
    return common && current?.labels === outer?.labels
      ? this.storage.runFrom(current, this.labelContextOfEntry(entry), fn)
      : this.run(entry.context, fn, current);
  }

  /**
   * Returns what the storage carries for `target`: its labels, and the other labels of the running
   * flow. A Context that was made for a rule or labels keeps its label context, so entering it again
   * is cheapest. A Context derived from it, such as a span in the rule, gets a new one.
   */
  labelContextOf(target: Context | null | undefined): LabelContext {
    return this.labelContextIn(this.storage.currentLabelContext(), target ?? ROOT_CONTEXT);
  }

  /**
   * Returns whether the Context of the flow that carries `current` is in `storage`. While disabled,
   * flows keep their Context there, and another manager may be registered meanwhile.
   */
  private contextIsStored(current: LabelContext | undefined): boolean {
    if (!this.storesContext || this.enabled) return this.storesContext;
    if (!this.wasEnabled) return false;
    const mayStore = this.manager !== undefined || validContext(current) !== undefined;
    return mayStore && registeredManager() === this.manager;
  }

  private labelContextIn(current: LabelContext | undefined, target: Context): LabelContext {
    const entry = entryOf(target);
    const own = this.enabled ? entry?.labels : undefined;
    const labels = flowLabels(current, target, own);
    if (entry?.context !== target || labels !== own) return this.createLabelContext(labels, target);
    return this.enabled ? this.labelContextOfEntry(entry) : this.unlabeledContextOf(entry);
  }

  private labelContextOfEntry(entry: LabelEntry): LabelContext {
    const { labelContext } = entry;
    if (labelContext !== undefined && validContext(labelContext) !== undefined) {
      return labelContext;
    }
    return (entry.labelContext = this.createLabelContext(entry.labels, entry.context));
  }

  private unlabeledContextOf(entry: LabelEntry): LabelContext {
    const { unlabeled } = entry;
    if (unlabeled !== undefined && validContext(unlabeled) !== undefined) return unlabeled;
    return (entry.unlabeled = this.createLabelContext(undefined, entry.context));
  }

  private createLabelContext(labels: LabelSet | undefined, target: Context): LabelContext {
    return this.storage.createLabelContext(labels, stamp(target));
  }

  /** Never throws: the application calls this through its own context manager and `withRule`. */
  private patchOrWarn(manager: ContextManager): ActiveContext | undefined {
    try {
      if (!this.patched.has(manager)) this.patched.set(manager, patchContextManager(manager, this));
      this.movesLabel = true;
      return this.patched.get(manager);
    } catch (thrown) {
      this.movesLabel = false;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      const message =
        `rulescope: the context manager cannot be patched (${reason}): ` +
        'withRule and bindRule set the rule, context.with does not';
      diag.warn(message);
      warnOnce(
        `${message}. Use the AsyncLocalStorageContextManager of @opentelemetry/context-async-hooks`,
        'RULESCOPE_CONTEXT_MANAGER',
      );
      return undefined;
    }
  }
}
