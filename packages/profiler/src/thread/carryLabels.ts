import type { LabelSet } from '../model/LabelSet';
import { getLabels, runWithLabels } from './threadLabels';

/** The number changes with the shape of the envelope. */
const KEY = 'rulescope.labels.1';

/** A message on its way to another thread, with the labels of the flow that sent it. */
interface LabelEnvelope<T> {
  readonly [KEY]: LabelSet;
  readonly message: T;
}

/** What {@link carryLabels} returns: `message` itself where there are no labels to carry. */
export type LabelCarrying<T> = T | LabelEnvelope<T>;

/**
 * `message` with the labels of the running flow, to be posted to another thread, where {@link withCarriedLabels} takes it apart.
 * What is in an envelope already stays as it is.
 */
export function carryLabels<T>(message: T): LabelCarrying<T> {
  const labels = getLabels();
  if (labels === undefined || isEnvelope(message)) return message;
  return { [KEY]: { ...labels }, message };
}

/**
 * A function that calls `handler` with the message in an envelope, with the labels it carries, and with anything else as it is.
 * Further arguments, `this` and the result are those of `handler`.
 */
export function withCarriedLabels<T, A extends unknown[], R>(
  handler: (message: T, ...rest: A) => R,
): (carried: LabelCarrying<T>, ...rest: A) => R {
  return function (this: unknown, carried: LabelCarrying<T>, ...rest: A): R {
    if (!isEnvelope(carried)) return handler.call(this, carried, ...rest);
    const { [KEY]: labels, message } = carried;
    return runWithLabels(onlyStrings(labels), () => handler.call(this, message, ...rest));
  };
}

function isEnvelope<T>(value: LabelCarrying<T>): value is LabelEnvelope<T> {
  if (typeof value !== 'object' || value === null) return false;
  const labels: unknown = Object.getOwnPropertyDescriptor(value, KEY)?.value;
  return typeof labels === 'object' && labels !== null && Object.hasOwn(value, 'message');
}

/** It comes from elsewhere. */
function onlyStrings(labels: Readonly<Record<string, unknown>>): LabelSet {
  const entries = Object.entries(labels).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries) as LabelSet;
}
