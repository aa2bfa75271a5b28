import type { Attributes } from '@opentelemetry/api';

/** Share of one rule in one window. */
export interface RuleShare {
  readonly cpuSeconds: number;
  readonly hits: number;
  /** One standard error of `cpuSeconds`, seconds. */
  readonly standardErrorSeconds: number;
  /** CPU with all functions that it calls, seconds. Only a function has it. */
  readonly cumulativeSeconds?: number;
}

/** The figures of one series. */
export interface RuleFigures {
  /** The attributes of the series. The same object for its whole life. */
  readonly attributes: Attributes;
  /** CPU since the start. Never falls. */
  readonly cpuSeconds: number;
  /** Sum of `cumulativeSeconds`. Never falls. */
  readonly cumulativeSeconds: number;
  /** Hits since the start. Never falls. */
  readonly hits: number;
  /**
   * Square of the standard error of `cpuSeconds`, square seconds. Never falls. The sum treats the
   * shares as independent.
   */
  readonly variance: number;
  /** CPU in the last window divided by its length, summed over the threads. */
  readonly usage: number;
  /** One standard error of `usage`. */
  readonly standardError: number;
}
