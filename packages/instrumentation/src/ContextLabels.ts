import { type Context, type ContextManager, context } from '@opentelemetry/api';
import type { Carrier, LabelStorage } from '@rulescope/profiler';
import { combineLabels } from './combineLabels';
import { areOfRuleAlone, markOf, ruleOf } from './contextKey';
import { patchContextManager } from './patchContextManager';

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
  /** Whether the registered manager, if any, keeps its Context in `storage`. */
  private holdsContext = true;
  /** The managers met so far, and whether they keep their Context in `storage`. */
  private readonly patched = new WeakMap<ContextManager, boolean>();

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
    const registered = (globalThis as { [API]?: { context?: ContextManager } })[API]?.context;
    if (registered === this.manager || this.users === 0) return;
    this.manager = registered;
    this.holdsContext = registered === undefined || this.patch(registered);
  }

  /** The active Context, also where no context manager is registered. */
  active(): Context {
    this.followManager();
    const carried = this.holdsContext ? this.storage.getCarrier()?.value : undefined;
    return (carried as Context | undefined) ?? context.active();
  }

  /** Whether the rule that `active` carries is the current label too: it is not in a flow older than the instrumentation. */
  areCurrent(active: Context): boolean {
    return this.enabled && this.storage.getCarrier()?.labels?.['rule'] === ruleOf(active);
  }

  /** Runs `fn` with `target` active, also where no context manager is registered. */
  with<R>(target: Context, fn: () => R): R {
    this.followManager();
    // Past the API where that would only lead back here.
    if (this.enabled && this.holdsContext) return this.storage.run(this.carrierOf(target), fn);
    return context.with(target, fn);
  }

  /**
   * What the storage carries for `target`: its rule, and whatever other labels the running flow has. A Context that was made to
   * carry a rule keeps its carrier, so that entering it again costs least; one derived from that (a span within
   * the rule) is as a rule entered once.
   */
  carrierOf(target: Context): Carrier {
    const mark = this.enabled ? markOf(target) : undefined;
    const current = this.storage.getCarrier()?.labels;
    if (current !== undefined && !areOfRuleAlone(current)) {
      return this.storage.createCarrier(combineLabels(current, mark?.labels.rule), target);
    }
    if (mark?.context !== target) return this.storage.createCarrier(mark?.labels, target);
    return (mark.carrier ??= this.storage.createCarrier(mark.labels, target));
  }

  private patch(manager: ContextManager): boolean {
    let holdsContext = this.patched.get(manager);
    if (holdsContext === undefined) {
      this.patched.set(manager, (holdsContext = patchContextManager(manager, this)));
    }
    return holdsContext;
  }
}
