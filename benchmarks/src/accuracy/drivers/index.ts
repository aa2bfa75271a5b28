import type { Driver } from './Driver';
import { driveImmediates, driveMicrotasks } from './chains';
import { driveIntervals, driveIntervalsInPhase } from './intervals';
import { driveRequests, driveStream, driveWorkerMessages } from './messages';
import { driveNested } from './nested';
import { driveBlocking, driveTimeouts } from './timeouts';

/** The drivers by name. A driver decides when bursts run. */
export const DRIVERS = {
  interval: driveIntervals,
  'interval-in-phase': driveIntervalsInPhase,
  timeout: driveTimeouts,
  immediate: driveImmediates,
  microtask: driveMicrotasks,
  'worker-messages': driveWorkerMessages,
  requests: driveRequests,
  stream: driveStream,
  nested: driveNested,
  /** The bursts are calls into native code. */
  natives: driveTimeouts,
  /** The bursts create objects, so V8 collects garbage in bursts and between them. */
  garbage: driveTimeouts,
  /** Each burst ends in a call that blocks. */
  blocking: driveBlocking,
} satisfies Record<string, Driver>;

export type DriverName = keyof typeof DRIVERS;
