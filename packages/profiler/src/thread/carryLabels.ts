import { functionOption } from '../base/validate';
import type { LabelSet } from '../model/LabelSet';
import { getLabels, runWithLabels } from './threadLabels';

/** Increase the number whenever the shape of the envelope changes. */
const KEY = 'rulescope.labels.1';

/** A message to another thread, with the labels of the flow that sent it. */
interface LabelEnvelope<T> {
  readonly [KEY]: LabelSet;
  readonly message: T;
}

/**
 * Result of {@link carryLabels}: an envelope, or `message` itself if there are no labels to carry.
 */
export type LabelCarrying<T> = T | LabelEnvelope<T>;

/**
 * Wraps `message` together with the labels of the running flow. Post the result to another thread
 * and unwrap it there with {@link withCarriedLabels}. Returns `message` itself if the flow has no
 * labels, or if `message` is already wrapped.
 */
export function carryLabels<T>(message: T): LabelCarrying<T> {
  const labels = getLabels();
  if (labels === undefined || isEnvelope(message)) return message;
  return { [KEY]: { ...labels }, message };
}

/**
 * Returns a function that unwraps a message from {@link carryLabels} and calls `handler` with it,
 * under the labels that it carries. Any other message is passed to `handler` unchanged. `this`,
 * further arguments and the result are those of `handler`.
 *
 * @throws InvalidOptionError if `handler` is no function.
 */
export function withCarriedLabels<T, A extends unknown[], R>(
  handler: (message: T, ...rest: A) => R,
): (carried: LabelCarrying<T>, ...rest: A) => R {
  functionOption('handler', handler);
  return function (this: unknown, carried: LabelCarrying<T>, ...rest: A): R {
    if (!isEnvelope(carried)) return handler.call(this, carried, ...rest);
    const { [KEY]: labels, message } = carried;
    return runWithLabels(labels, () => handler.call(this, message, ...rest));
  };
}

function isEnvelope<T>(value: LabelCarrying<T>): value is LabelEnvelope<T> {
  if (typeof value !== 'object' || value === null) return false;
  const labels: unknown = Object.getOwnPropertyDescriptor(value, KEY)?.value;
  return typeof labels === 'object' && labels !== null && Object.hasOwn(value, 'message');
}
