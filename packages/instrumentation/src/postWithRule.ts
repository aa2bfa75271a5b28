import { type RuleCarrying, carryRule, withCarriedRule } from './carryRule';

/** A port that sends: a `Worker`, `parentPort`, a `MessagePort` or a `BroadcastChannel`. */
export interface SendingPort {
  postMessage(message: unknown, transfer?: readonly never[]): void;
}

/** A port that is an event emitter: a `Worker`, `parentPort` or a `MessagePort`. */
export interface EmittingPort {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/** A port that is an event target: a `BroadcastChannel`. */
export interface TargetPort {
  addEventListener(type: 'message', listener: (event: Event) => void): void;
  removeEventListener(type: 'message', listener: (event: Event) => void): void;
}

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
  port: EmittingPort | TargetPort,
  handler: (message: T) => unknown,
): () => void {
  const receive = withCarriedRule(handler);
  if ('on' in port) {
    const listener = (carried: unknown): void => void receive(carried as RuleCarrying<T>);
    port.on('message', listener);
    return () => void port.off('message', listener);
  }
  const listener = (event: Event): void =>
    void receive((event as Event & { readonly data: RuleCarrying<T> }).data);
  port.addEventListener('message', listener);
  return () => port.removeEventListener('message', listener);
}
