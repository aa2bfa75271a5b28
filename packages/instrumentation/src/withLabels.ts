import { diag } from '@opentelemetry/api';
import type { LabelSet } from '@rulescope/profiler';
import {
  type LabelContext,
  type LabelStorage,
  functionOption,
  warnOnce,
} from '@rulescope/profiler/internal';
import { contextLabels } from './ContextLabels';
import { cachedEntryOf, entryIn } from './entryCache';
import { type LabelFamily, familyWith } from './labelFamily';
import { withRule } from './rule';

/**
 * Calls `fn` with `labels` in the OpenTelemetry Context, beside the rule. They are current in `fn`
 * and in all asynchronous work that `fn` starts. Of labels with one key, the innermost wins.
 * Afterwards the outer labels are current again.
 *
 * @param labels Labels such as `{ tenant: 't1' }`. The key `rule` sets the rule. A label whose value
 *   is no string, such as a missing header, is left out. A value that is no object gives one warning
 *   per process on stderr (code `RULESCOPE_LABELS`) and in `diag`, and `fn` runs in the current
 *   labels.
 * @returns What `fn` returns.
 * @throws What `fn` throws, or InvalidOptionError (a `TypeError`) if `fn` is no function.
 */
export function withLabels<R>(labels: Readonly<Record<string, unknown>>, fn: () => R): R {
  if (typeof fn !== 'function') functionOption('fn', fn);
  if (!isObject(labels)) return fn();
  const rule = Object.hasOwn(labels, 'rule') ? labels['rule'] : undefined;
  const inside = typeof rule === 'string' ? (): R => withRule(rule, fn) : fn;
  const all = contextLabels();
  const current = all.current();
  const parent = all.contextIn(current);
  const outer = cachedEntryOf(parent);
  const family = extend(outer?.family, labels);
  if (family === undefined) return inside();
  const hidden = all.enabled ? hiddenBy(current, outer?.labels, labels) : undefined;
  const enter = hidden === undefined ? inside : (): R => runWith(hidden, inside, all.storage);
  return all.runEntry(entryIn(parent, family, outer), enter, current, outer);
}

/**
 * Returns those of `labels` that the Context has already, but the flow has overridden. Entering the
 * Context alone would not end that. Returns `undefined` if there are none.
 *
 * @param outer Labels of the Context.
 */
function hiddenBy(
  current: LabelContext | undefined,
  outer: LabelSet | undefined,
  labels: Readonly<Record<string, unknown>>,
): LabelSet | undefined {
  const own = current?.labels;
  if (own === undefined || outer === undefined || own === outer) return undefined;
  const hidden = Object.entries(outer).filter(
    ([key, value]) => key !== 'rule' && labels[key] === value && own[key] !== value,
  );
  return hidden.length === 0 ? undefined : Object.fromEntries(hidden);
}

/** Calls `fn` with `labels` added to those of the running flow. */
function runWith<R>(labels: LabelSet, fn: () => R, storage: LabelStorage): R {
  const outer = storage.currentLabelContext();
  return storage.run(storage.createLabelContext({ ...outer?.labels, ...labels }, outer?.value), fn);
}

/** Returns the family with the labels of `outer` and all of `labels` but the rule. */
function extend(
  outer: LabelFamily | undefined,
  labels: Readonly<Record<string, unknown>>,
): LabelFamily | undefined {
  let family = outer;
  for (const key of Object.keys(labels)) {
    const value = labels[key];
    if (key !== 'rule' && typeof value === 'string') family = familyWith(key, value, family);
  }
  return family;
}

/** Warns if `labels` is no object. Any object will do, because only its strings are labels. */
function isObject(labels: unknown): labels is object {
  if (typeof labels === 'object' && labels !== null) return true;
  const got = labels === null ? 'null' : typeof labels;
  const message = `rulescope: labels must be an object; got ${got}`;
  if (warnOnce(message, 'RULESCOPE_LABELS')) diag.error(message);
  return false;
}
