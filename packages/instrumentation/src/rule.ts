import { types } from 'node:util';
import { type Context, diag } from '@opentelemetry/api';
import { functionOption, warnOnce } from '@rulescope/profiler/internal';
import { contextLabels } from './ContextLabels';
import { contextWithRule, ruleOf } from './contextKey';
import { copyProperties } from './copyProperties';
import { cachedEntryOf, entryIn } from './entryCache';
import type { Rules } from './sharedRules';

/** Returns the rule that `context` carries, `undefined` if none. Default: the active Context. */
export function getRule(context: Context = contextLabels().active()): string | undefined {
  return ruleOf(context);
}

/**
 * Returns a Context like `context` that carries the rule `id`. Does not make it active.
 *
 * @param id Any string. Any other value gives one warning per process, as in {@link withRule}, and
 *   `context` is returned as it is.
 */
export function setRule(context: Context, id: string): Context {
  contextLabels().followManager();
  return isRuleId(id) ? contextWithRule(context, id) : context;
}

/**
 * Calls `fn` in the rule `id`. The rule is current in `fn` and in all asynchronous work that `fn`
 * starts, except where another rule is entered. Afterwards the outer rule is current again.
 *
 * The body of a generator runs when the generator is read, in the rule that is current there. Use
 * {@link bindRule} for a generator function, or read the generator in `fn`.
 *
 * @param id Any string. Any other value gives one warning per process on stderr (code
 *   `RULESCOPE_RULE_ID`) and in `diag`, and `fn` runs in the current rule.
 * @returns What `fn` returns.
 * @throws What `fn` throws, or InvalidOptionError (a `TypeError`) if `fn` is no function.
 */
export function withRule<R>(id: string, fn: () => R): R {
  if (typeof fn !== 'function') functionOption('fn', fn);
  return isRuleId(id) ? enterRules(id, fn) : fn();
}

/** Calls `fn` in `rules`. */
export function enterRules<R>(rules: Rules, fn: () => R): R {
  const labels = contextLabels();
  const current = labels.current();
  const parent = labels.contextIn(current);
  const outer = cachedEntryOf(parent);
  if (outer?.rules !== rules) {
    return labels.runEntry(entryIn(parent, rules, outer), fn, current, outer);
  }
  return labels.lacksLabel(outer, current) ? labels.run(parent, fn, current) : fn();
}

/**
 * Returns a function that calls `fn` in the rule `id` and the Context that is active now,
 * regardless of where and when it is called. Use it for callbacks that a queue or an emitter keeps.
 *
 * The function passes `this`, the arguments and the result through. It has the name, length,
 * prototype and own properties of `fn`, such as `cancel` of a debounced function. Properties are
 * copied once: a later write to either function does not reach the other. Getters and setters are
 * shared. A method among them, such as `flush`, runs in the rule of its caller. `new` creates an
 * instance of `fn`, in the rule.
 *
 * If `fn` is a generator function, sync or async, each step of its generators runs in the rule.
 *
 * @param id Any string. Any other value gives one warning per process, as in {@link withRule}, and
 *   the function runs in the rule that is current now.
 * @throws InvalidOptionError (a `TypeError`) if `fn` is no function.
 */
export function bindRule<F extends (...args: never[]) => unknown>(id: string, fn: F): F {
  functionOption('fn', fn);
  const labels = contextLabels();
  const parent = labels.active();
  const outer = cachedEntryOf(parent);
  const changes = isRuleId(id) && outer?.rules !== id;
  const target = changes ? entryIn(parent, id, outer).context : parent;
  const isGenerator = types.isGeneratorFunction(fn);
  const bound = function (this: unknown, ...args: never[]): unknown {
    if (new.target === undefined) {
      const result = labels.with(target, () => fn.apply(this, args));
      return isGenerator
        ? bindSteps(result as object, (step) => labels.with(target, step))
        : result;
    }
    const instanceOf = new.target === bound ? fn : new.target;
    return labels.with(target, () => Reflect.construct(fn, args, instanceOf) as unknown);
  };
  copyProperties(fn, bound, (promisified) => bindRule(id, promisified));
  return bound as unknown as F;
}

/** Returns an object like `generator`, sync or async, that takes each of its steps in `run`. */
export function bindSteps(generator: object, run: (step: () => unknown) => unknown): object {
  const steps = Object.fromEntries(
    (['next', 'return', 'throw'] as const).map((name) => [
      name,
      {
        configurable: true,
        writable: true,
        value: (value?: never) => run(() => (generator as Generator)[name](value)),
      },
    ]),
  );
  return Object.create(generator, steps) as object;
}

function isRuleId(id: unknown): id is string {
  if (typeof id === 'string') return true;
  const message = `rulescope: the rule id must be a string; got ${typeof id}`;
  if (warnOnce(message, 'RULESCOPE_RULE_ID')) diag.error(message);
  return false;
}
