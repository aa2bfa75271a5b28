import { type RuleCarrying, carryRule, withCarriedRule } from './carryRule';

/** Of `Worker`, `parentPort`, `MessagePort` and `BroadcastChannel` what sends. */
export interface SendingPort {
  postMessage(message: unknown, transfer?: readonly never[]): void;
}

/** `Worker`, `parentPort`, `MessagePort`: they are event emitters. */
export interface EmittingPort {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/** A `BroadcastChannel` is none. */
export interface TargetPort {
  addEventListener(type: 'message', listener: (event: Event) => void): void;
  removeEventListener(type: 'message', listener: (event: Event) => void): void;
}

/**
 * `port.postMessage(message, transfer)` with the rule that is current. The other side reads it by {@link receiveWithRule}.
 *
 * @param port A `Worker`, `parentPort`, a `MessagePort` or a `BroadcastChannel`; the last takes no `transfer`.
 * @throws what `postMessage` throws.
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
 * Calls `handler` with every message that arrives at `port`, in the rule that was current where {@link postWithRule} sent it. A message
 * that carries none is handled in the rule that is current here.
 *
 * @returns how to end that.
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
