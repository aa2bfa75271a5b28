import { type Context, type ContextManager, context } from '@opentelemetry/api';
import type { LabelSet } from '@rulescope/profiler';
import type { LabelContext, LabelStorage } from '@rulescope/profiler/internal';
import { combineLabels } from './combineLabels';
import { type RuleEntry, areOfRuleAlone, entryOf } from './contextKey';
import { type ActiveContext, patchContextManager } from './patchContextManager';

/** Where all copies of the API, version 1.x, keep what was registered. */
const API = Symbol.for('opentelemetry.js.api.1');

/**
 * Makes the label follow the OpenTelemetry Context. The registered context manager is patched when it is first seen, which may
 * be before or after the instrumentation is enabled. It stays patched: flows under way carry their Context
 * in our storage. While nothing is enabled it carries no labels.
 */
export class ContextLabels {
  private users = 0;
  private manager: ContextManager | undefined;
  /** Whether the Context is in `storage`: there is no manager, or the registered one keeps it there. */
  private holdsContext = true;
  /** The active Context where `storage` has none. */
  private elsewhere: ActiveContext = () => context.active();
  /** The managers met so far, and where those that keep their Context in `storage` may still have an older one. */
  private readonly patched = new WeakMap<ContextManager, ActiveContext | undefined>();

  constructor(readonly storage: LabelStorage) {}

  get enabled(): boolean {
    return this.users > 0;
  }

  enable(): void {
    this.users++;
    this.followManager();
  }

  disable(): void {
    this.users--;
  }

  /** Patches the registered context manager unless that was done. Cheap: called on every entry of a rule. */
  followManager(): void {
    const manager = registeredManager();
    if (manager === this.manager || this.users === 0) return;
    this.manager = manager;
    const older = manager === undefined ? undefined : this.patch(manager);
    this.holdsContext = manager === undefined || older !== undefined;
    this.elsewhere = older ?? (() => context.active());
  }

  /** What the running flow carries. The first step of whatever follows: it sees to the manager. */
  current(): LabelContext | undefined {
    this.followManager();
    return this.storage.currentLabelContext();
  }

  /** The active Context, also where no context manager is registered. */
  active(): Context {
    return this.contextIn(this.current());
  }

  /** Runs `fn` with `target` active, also where no context manager is registered. */
  with<R>(target: Context, fn: () => R): R {
    return this.run(target, fn, this.current());
  }

  /** {@link active} in the flow that carries `current`. */
  contextIn(current: LabelContext | undefined): Context {
    if (!this.holdsContextOf(current)) return context.active();
    return (current?.value as Context | undefined) ?? this.elsewhere();
  }

  /** Whether the rule `id` is the label in the flow that carries `current`: it may be older than the instrumentation. */
  isLabel(id: string, current: LabelContext | undefined): boolean {
    return this.enabled && current?.labels?.['rule'] === id;
  }

  /** {@link with} in the flow that carries `current`. */
  run<R>(target: Context, fn: () => R, current: LabelContext | undefined): R {
    // Past the API where that would only lead back here.
    if (this.holdsContextOf(current)) {
      return this.storage.run(this.carrierIn(current, target), fn);
    }
    return context.with(target, fn);
  }

  /** {@link run} with the Context that `mark` was made for. Fewer steps: each costs, where a request enters one rule. */
  runEntry<R>(mark: RuleEntry, fn: () => R, current: LabelContext | undefined): R {
    if (!this.enabled || !this.holdsContext || labelsToKeep(current) !== undefined) {
      return this.run(mark.context, fn, current);
    }
    return this.storage.run(this.carrierOfMark(mark), fn);
  }

  /**
   * What the storage carries for `target`: its rule, and whatever other labels the running flow has. A Context that was made to
   * carry a rule keeps its carrier, so that entering it again costs least; one derived from that (a span within
   * the rule) is as a rule entered once.
   */
  labelContextOf(target: Context): LabelContext {
    return this.carrierIn(this.storage.currentLabelContext(), target);
  }

  /** While disabled, flows that were under way carry a Context and labels all the same, and another manager may be registered. */
  private holdsContextOf(current: LabelContext | undefined): boolean {
    if (!this.holdsContext || this.enabled) return this.holdsContext;
    return current?.value !== undefined && registeredManager() === this.manager;
  }

  private carrierIn(current: LabelContext | undefined, target: Context): LabelContext {
    const mark = this.enabled ? entryOf(target) : undefined;
    const labels = labelsToKeep(current);
    if (labels !== undefined) {
      return this.storage.createLabelContext(combineLabels(labels, mark?.labels.rule), target);
    }
    if (mark?.context !== target) return this.storage.createLabelContext(mark?.labels, target);
    return this.carrierOfMark(mark);
  }

  private carrierOfMark(mark: RuleEntry): LabelContext {
    return (mark.carrier ??= this.storage.createLabelContext(mark.labels, mark.context));
  }

  private patch(manager: ContextManager): ActiveContext | undefined {
    if (!this.patched.has(manager)) this.patched.set(manager, patchContextManager(manager, this));
    return this.patched.get(manager);
  }
}

/** The labels in the flow that carries `current`, if there are any but those of a rule. */
function labelsToKeep(current: LabelContext | undefined): LabelSet | undefined {
  const labels = current?.labels;
  return labels === undefined || areOfRuleAlone(labels) ? undefined : labels;
}

function registeredManager(): ContextManager | undefined {
  return (globalThis as { [API]?: { context?: ContextManager } })[API]?.context;
}
