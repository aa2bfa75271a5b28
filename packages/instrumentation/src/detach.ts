import { functionOption } from '@rulescope/profiler/internal';
import { contextLabels } from './ContextLabels';
import { withoutLabels } from './contextKey';
import { signals } from './signals';
import { withoutSpanLabels } from './spanLabels';

/**
 * Calls `fn` outside any rule and without labels. So is all asynchronous work that `fn` starts,
 * except where a rule is entered. Afterwards the outer rule is current again. The rest of the
 * OpenTelemetry Context, such as the active span, stays.
 *
 * Use it to open what outlives the rule that happens to come first: a connection, a timer, a cache.
 * Use `bindRule` for the callbacks that such a connection keeps for a rule.
 *
 * @returns What `fn` returns.
 * @throws What `fn` throws, or InvalidOptionError (a `TypeError`) if `fn` is no function.
 */
export function detach<R>(fn: () => R): R {
  if (typeof fn !== 'function') functionOption('fn', fn);
  const all = contextLabels();
  const current = all.current();
  const outer = all.contextIn(current);
  const unlabeled = withoutLabels(outer);
  const target = signals().spanLabels ? withoutSpanLabels(unlabeled) : unlabeled;
  if (target === outer && current?.labels === undefined) return fn();
  const { storage } = all;
  // The storage first: a Context alone would not end labels that the flow has beside it.
  return storage.run(storage.createLabelContext(undefined, target), () => all.with(target, fn));
}
