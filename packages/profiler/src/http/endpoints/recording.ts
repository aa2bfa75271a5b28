import type { Clock } from '../../collector/Clock';
import type { Parameters } from '../Parameters';
import { Refusal } from '../Refusal';
import type { Slots } from '../Slots';
import type { EndpointRequest } from './Endpoint';

/** What endpoints that record for a while share. */
export interface RecordingParts {
  readonly clock: Clock;
  readonly slots: Slots;
  readonly maxSeconds: number;
}

/** As Go's. */
export const DEFAULT_SECONDS = 30;
const MIN_SECONDS = 0.1;

/** Takes `seconds`. @throws Refusal 400, also when the server would cut the connection before. */
export function takeSeconds(
  parameters: Parameters,
  { idleLimitMillis }: Pick<EndpointRequest, 'idleLimitMillis'>,
  maxSeconds: number,
): number | undefined {
  const seconds = parameters.number('seconds', MIN_SECONDS, maxSeconds);
  return seconds === undefined ? undefined : withinIdleLimit(seconds, idleLimitMillis);
}

/** @throws Refusal 400 when a server would cut the silent connection before `seconds` are over. */
export function withinIdleLimit(seconds: number, idleLimitMillis: number): number {
  if (idleLimitMillis > 0 && seconds * 1000 >= idleLimitMillis) {
    throw new Refusal(
      400,
      `seconds=${seconds} is longer than this server lets a connection be silent ` +
        `(server.timeout is ${idleLimitMillis / 1000} s)`,
    );
  }
  return seconds;
}

/** A remark for a profile that ended early. */
export function earlyRemark(seconds: number, wanted: number): string {
  return `ended after ${seconds.toFixed(1)} s of ${wanted} s: the server was shutting down`;
}

export function helpOnSeconds(
  maxSeconds: number,
  what: string,
): { usage: string; meaning: string } {
  return { usage: 'seconds=N', meaning: `${what}, ${MIN_SECONDS} to ${maxSeconds}.` };
}
