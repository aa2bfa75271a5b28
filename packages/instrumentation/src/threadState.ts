import { labelStorage } from '@rulescope/profiler/internal';
import { ContextLabels } from './ContextLabels';

/**
 * All copies of this package in a thread share one: a context manager must be patched once. Changes with the methods of
 * `ContextLabels` that copies call, as of the first release.
 */
const KEY = Symbol.for('rulescope.instrumentation.1');

/** What this copy has found there: every entry of a rule asks. */
let own: ContextLabels | undefined;

/** The thread's tie between OpenTelemetry Context and profiler labels. */
export function contextLabels(): ContextLabels {
  if (own !== undefined) return own;
  const holder = globalThis as { [KEY]?: ContextLabels };
  return (own = holder[KEY] ??= new ContextLabels(labelStorage()));
}
