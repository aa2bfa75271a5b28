import { type Context, type ContextManager, context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { sum } from '../statistics';

/** How a workload enters a rule. */
export interface Variant {
  /** Calls `fn` in the rule `id`; `target` is an OpenTelemetry Context for it, made beforehand. */
  enter<R>(id: string, target: Context, fn: () => R): R;
  /** Called before its turn, where variants take turns in one process. */
  resume?(): void;
  /** See {@link timeEntries}. */
  takeEntryNanos?(): number;
}

/** In the order of the tables. All but the first have OpenTelemetry's context manager. */
export const VARIANTS = [
  'no context',
  'otel',
  'otel + rulescope imported',
  'otel + rulescope disabled',
  'otel + rulescope labels',
  'otel + rulescope',
  'otel + pyroscope',
  'otel + dd-trace',
] as const;

export type VariantName = (typeof VARIANTS)[number];

/** Every so often dd-trace ends a profile unless told otherwise. */
const PEER_WINDOW_MILLIS = 65_000;

/** What the other variants are compared with. */
export const BASELINE: VariantName = 'otel';

const otel: Variant = { enter: (_, target, fn) => context.with(target, fn) };

/**
 * OpenTelemetry alone and `name`, in one process, for comparisons in which two processes would differ by more. Each has a context
 * manager of its own, which is the registered one when its turn comes: that of rulescope is patched.
 */
export async function createPair(name: VariantName): Promise<[Variant, Variant]> {
  const managed = async (each: VariantName): Promise<Variant> => {
    const manager = createManager();
    const variant = await createVariant(each, 5_000, manager);
    return { ...variant, resume: () => register(manager) };
  };
  return [await managed(BASELINE), await managed(name)];
}

function createManager(): ContextManager {
  return new AsyncLocalStorageContextManager().enable();
}

/** Where all copies of the API, version 1.x, keep what was registered. */
const API = Symbol.for('opentelemetry.js.api.1');

/** In the place of the one that is registered, which is not disabled: the storages of both are to be there in the turns of both. */
function register(manager: ContextManager): void {
  const registry = (globalThis as { [API]?: { context?: ContextManager } })[API];
  if (registry?.context === undefined) context.setGlobalContextManager(manager);
  else registry.context = manager;
}

/** Of the entries, which the machine has interrupted. */
const INTERRUPTED_SHARE = 0.01;

/** A variant that times what is between the caller and the first line of `fn`, and between its last line and the caller. */
export function timeEntries(variant: Variant): Variant {
  let millis: number[] = [];
  return {
    enter(id, target, fn) {
      let [began, ended] = [0, 0];
      const called = performance.now();
      const result = variant.enter(id, target, () => {
        began = performance.now();
        const returned = fn();
        ended = performance.now();
        return returned;
      });
      millis.push(began - called + performance.now() - ended);
      return result;
    },
    takeEntryNanos() {
      const sorted = millis.toSorted((a, b) => a - b);
      millis = [];
      const kept = sorted.slice(0, Math.floor(sorted.length * (1 - INTERRUPTED_SHARE)));
      return (sum(kept) / kept.length) * 1e6;
    },
  };
}

/** Sets this process up as a user would, but for the length of the windows. */
export async function createVariant(
  name: VariantName,
  windowMillis = 500,
  manager = createManager(),
): Promise<Variant> {
  if (name === 'no context') return { enter: (_id, _target, fn) => fn() };
  register(manager);
  if (name === 'otel') return otel;
  const rulescope = await import('./rulescopeVariant.js');
  switch (name) {
    case 'otel + rulescope imported':
      return otel;
    case 'otel + rulescope disabled':
      return rulescope.disabled();
    case 'otel + rulescope labels':
      return rulescope.labels();
    case 'otel + rulescope':
      return rulescope.sampled(windowMillis);
    default: {
      const { createSubject } = await import('../subjects/index.js');
      const peer = createSubject(name.slice('otel + '.length));
      await peer.start(10_101, PEER_WINDOW_MILLIS);
      return { enter: (id, target, fn) => context.with(target, () => peer.withRule(id, fn)) };
    }
  }
}
