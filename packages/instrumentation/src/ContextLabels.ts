import { type Context, type ContextManager, ROOT_CONTEXT, context } from '@opentelemetry/api';
import type { Carrier, LabelStorage } from '@rulescope/profiler';
import { ruleOf } from './contextKey';
import { patchContextManager } from './patchContextManager';

/** Where all copies of the API, version 1.x, keep what was registered. */
const API = Symbol.for('opentelemetry.js.api.1');

/** The label that carries the rule id. */
const RULE_LABEL = 'rule';

/**
 * Makes the label follow the OpenTelemetry Context. The registered context manager is patched when it is first seen, which may
 * be before or after the instrumentation is enabled. It stays patched: flows under way carry their Context
 * in our storage. While nothing is enabled it carries no labels.
 */
export class ContextLabels {
  private users = 0;
  private manager: ContextManager | undefined;
  private readonly patched = new WeakSet<ContextManager>();
  private carriers = new WeakMap<Context, Carrier>();

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
    // The carriers made so far have labels.
    if (this.users === 0) this.carriers = new WeakMap();
  }

  /** Patches the registered context manager unless that was done. Cheap: called on every entry of a rule. */
  followManager(): void {
    const registered = (globalThis as { [API]?: { context?: ContextManager } })[API]?.context;
    if (registered === this.manager || this.users === 0) return;
    this.manager = registered;
    if (registered === undefined || this.patched.has(registered)) return;
    this.patched.add(registered);
    patchContextManager(registered, this);
  }

  /** The active Context, also where no context manager is registered. */
  active(): Context {
    const active = context.active();
    if (active !== ROOT_CONTEXT || this.manager !== undefined) return active;
    return (this.storage.getCarrier()?.value as Context | undefined) ?? active;
  }

  /** Runs `fn` with `target` active, also where no context manager is registered. */
  with<R>(target: Context, fn: () => R): R {
    this.followManager();
    if (this.manager === undefined && this.enabled) {
      return this.storage.run(this.carrierOf(target), () => context.with(target, fn));
    }
    return context.with(target, fn);
  }

  /** What the storage carries for `target`. */
  carrierOf(target: Context): Carrier {
    const rule = this.enabled ? ruleOf(target) : undefined;
    // Without labels a carrier is as cheap as the look-up.
    if (rule === undefined) return this.storage.createCarrier(undefined, target);
    let carrier = this.carriers.get(target);
    if (carrier === undefined) {
      carrier = this.storage.createCarrier({ [RULE_LABEL]: rule }, target);
      this.carriers.set(target, carrier);
    }
    return carrier;
  }
}
