import { type Context, type ContextManager, context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { sum } from '../statistics';

/** How a workload enters a rule. */
export interface Variant {
  /** Calls `fn` in the rule `id`. `target` is a prepared OpenTelemetry Context for the rule. */
  enter<R>(id: string, target: Context, fn: () => R): R;
  /** Prepares the variant's turn, if variants take turns in one process. */
  resume?(): void;
  /** Returns the nanoseconds per entry since the last call, see {@link timeEntries}. */
  takeEntryNanos?(): number;
}

/** The variants in table order. All but the first have OpenTelemetry's context manager. */
export const VARIANTS = [
  'no context',
  'otel',
  'otel + rulescope imported',
  'otel + rulescope disabled',
  'otel + rulescope labels',
  'otel + rulescope',
  'otel + rulescope baggage',
  'otel + rulescope spans',
  'otel + pyroscope',
  'otel + dd-trace',
] as const;

export type VariantName = (typeof VARIANTS)[number];

/** Length of a profile of dd-trace by default. */
const PEER_WINDOW_MILLIS = 65_000;

/** The variant that all others are compared with. */
export const BASELINE: VariantName = 'otel';

const otel: Variant = { enter: (_, target, fn) => context.with(target, fn) };

/**
 * Creates OpenTelemetry alone and `name` in one process, because two processes can differ by more
 * than the variants do. Each variant registers its own context manager for its turn, because
 * rulescope patches its manager.
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

/** All copies of the API, version 1.x, store their registrations under this symbol. */
const API = Symbol.for('opentelemetry.js.api.1');

/**
 * Registers `manager` without disabling the registered one, so that the storages of both managers
 * exist in the turns of both variants.
 */
function register(manager: ContextManager): void {
  const registry = (globalThis as { [API]?: { context?: ContextManager } })[API];
  if (registry?.context === undefined) context.setGlobalContextManager(manager);
  else registry.context = manager;
}

/** Share of the entries that does not count, because the machine interrupted them: the slowest. */
const INTERRUPTED_SHARE = 0.01;

/**
 * Wraps `variant` to time each entry: the time from the caller to the first line of `fn`, and from
 * its last line back to the caller.
 */
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

/** Sets this process up as a user would, except for the length of the windows. */
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
    case 'otel + rulescope baggage':
      return rulescope.sampled(windowMillis, { propagate: true });
    case 'otel + rulescope spans':
      return rulescope.sampled(windowMillis, { spanLabels: true });
    default: {
      const { createSubject } = await import('../subjects/index.js');
      const peer = createSubject(name.slice('otel + '.length));
      await peer.start(10_101, PEER_WINDOW_MILLIS);
      return { enter: (id, target, fn) => context.with(target, () => peer.withRule(id, fn)) };
    }
  }
}
