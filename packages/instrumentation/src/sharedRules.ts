import { diag } from '@opentelemetry/api';
import type { LabelSet } from '@rulescope/profiler';
import {
  InvalidOptionError,
  type SharedLabel,
  boundedString,
  integerInRange,
  sharedLabelIn,
  toError,
  warnOnce,
} from '@rulescope/profiler/internal';
import { setBounded } from './setBounded';

/** One rule, or several rules with their weights. */
export type Rules = string | SharedLabel;

/** Rules that can share work. A profile has a sample for each of them and each stack. */
const MAX_RULES = 1_000;
/** Keep the rules of this many weights. */
const MAX_KNOWN = 256;
/** Keep weights of at most this many characters: those of 100 rules with the longest ids. */
const MAX_LENGTH = 32_768;

/**
 * Rules by their weights as JSON. Equal weights get the same object, because each new one costs a
 * native object. An object that has changed has other weights.
 */
const known = new Map<string, Rules>();

/** Returns the rules in a label set. */
export function rulesIn(labels: LabelSet | undefined): Rules | undefined {
  return labels?.['rule'] ?? sharedLabelIn(labels);
}

/**
 * Returns the rules that have `weights`. Warns and returns `undefined` if these are not allowed.
 */
export function rulesOf(weights: unknown): Rules | undefined {
  try {
    const entries = entriesOf(weights);
    const content = JSON.stringify(entries);
    const rules = known.get(content);
    if (rules !== undefined) return rules;
    return setBounded(known, content, toRules(entries), MAX_KNOWN, MAX_LENGTH);
  } catch (thrown) {
    const message = `rulescope: ${toError(thrown).message}; the work stays in the rule of its caller`;
    if (warnOnce(message, 'RULESCOPE_WEIGHTS')) diag.error(message);
    return undefined;
  }
}

/** Returns the entries of an object of weights. @throws InvalidOptionError */
function entriesOf(weights: unknown): [id: string, weight: number][] {
  if (typeof weights !== 'object' || weights === null || Array.isArray(weights)) {
    throw new InvalidOptionError('weights', weights, 'an object');
  }
  const entries = Object.entries(weights as Record<string, number>);
  integerInRange('the number of weights', entries.length, 1, MAX_RULES);
  for (const [id, weight] of entries) {
    if (typeof weight === 'number' && weight > 0 && weight < Infinity) continue;
    const name = `weights[${JSON.stringify(boundedString(id))}]`;
    throw new InvalidOptionError(name, weight, 'a finite number above 0');
  }
  return entries;
}

function toRules(entries: readonly [id: string, weight: number][]): Rules {
  const [[first]] = entries as [[string, number]];
  if (entries.length === 1) return first;
  return { key: 'rule', weights: entries.map(([id, weight]) => [boundedString(id), weight]) };
}
