import type { MessagePort, Worker } from 'node:worker_threads';
import { type RuleCarrying, carryRule, withCarriedRule } from './carryRule';

/** A port that sends: a `Worker`, `parentPort`, a `MessagePort` or a `BroadcastChannel`. */
export interface SendingPort {
  postMessage(message: unknown, transfer?: readonly never[]): void;
}

/** A port that receives: a `Worker`, `parentPort`, a `MessagePort` or a `BroadcastChannel`. */
export type ReceivingPort =
  | Pick<Worker | MessagePort, 'on' | 'off'>
  // A `BroadcastChannel` is no event emitter.
  | Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;

/**
 * Calls `port.postMessage(message, transfer)` and sends the current rule with the message. Receive
 * it with {@link receiveWithRule}.
 *
 * @param transfer Objects to move instead of copy. A `BroadcastChannel` takes none.
 * @throws What `postMessage` throws.
 */
export function postWithRule(
  port: SendingPort,
  message: unknown,
  transfer?: readonly unknown[],
): void {
  const carried = carryRule(message);
  if (transfer === undefined) port.postMessage(carried);
  else port.postMessage(carried, transfer as readonly never[]);
}

/**
 * Calls `handler` with every message that arrives at `port`, in the rule that {@link postWithRule}
 * sent with it. A message without a rule is handled in the rule that is current here.
 *
 * @returns A function that removes the listener.
 * @throws InvalidOptionError (a `TypeError`) if `handler` is no function.
 */
export function receiveWithRule<T>(
  port: ReceivingPort,
  handler: (message: T) => unknown,
): () => void {
  const receive = withCarriedRule(handler);
  if ('on' in port) {
    const listener = (carried: RuleCarrying<T>): void => void receive(carried);
    port.on('message', listener);
    return () => void port.off('message', listener);
  }
  const listener = (event: Event): void =>
    void receive((event as Event & { readonly data: RuleCarrying<T> }).data);
  port.addEventListener('message', listener);
  return () => port.removeEventListener('message', listener);
}
