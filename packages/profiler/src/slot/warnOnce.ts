import { types } from 'node:util';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/**
 * Everything that the threads of the process tell each other by a flag: each warning that was given
 * (by its code), that the main thread collects windows, and that it makes metrics of them or exports
 * their profiles. The place of a flag is its index in shared memory, so add new ones at the end.
 */
const FLAGS = [
  'collects',
  'RULESCOPE_UNFAIR_SAMPLING',
  'RULESCOPE_VERSIONS',
  'RULESCOPE_NO_SAMPLER',
  'RULESCOPE_NO_INSTRUMENTATION',
  'RULESCOPE_NO_METRICS',
  'RULESCOPE_CONTEXT_MANAGER',
  'RULESCOPE_RULE_ID',
  'RULESCOPE_NO_WORKERS',
  'RULESCOPE_OTHER_PROFILER',
  'RULESCOPE_NO_METER_PROVIDER',
  'RULESCOPE_SECOND_REGISTRATION',
  'measures',
  'RULESCOPE_NO_READER',
  'RULESCOPE_PROFILES_LOST',
  'RULESCOPE_LABELS',
  'RULESCOPE_MAP_LABEL',
  'RULESCOPE_LOSSY_VIEW',
  'exportsProfiles',
  'RULESCOPE_RULE_OF',
  'RULESCOPE_INCOMING_RULE',
  'RULESCOPE_OFF',
  'RULESCOPE_UNKNOWN_VARIABLE',
  'RULESCOPE_NO_ADAPTERS',
  'RULESCOPE_NO_ENDPOINT',
  'RULESCOPE_ADAPTER',
  'RULESCOPE_WEIGHTS',
] as const;
export type ProcessFlag = (typeof FLAGS)[number];
export type WarningCode = Extract<ProcessFlag, `RULESCOPE_${string}`>;

const KEY = 'rulescope.flags';
const MAX_FLAGS = 64;

/**
 * Node.js hands the memory to each worker that is created later. All copies of this package in the
 * thread share it, also where each file has a `globalThis` of its own (Jest, vitest).
 */
const memory = ((): Int32Array => {
  const shared: unknown = getEnvironmentData(KEY);
  if (types.isInt32Array(shared)) return shared;
  const created = new Int32Array(new SharedArrayBuffer(4 * MAX_FLAGS));
  setEnvironmentData(KEY, created);
  return created;
})();

/** Raises `flag` for all threads. Returns whether this call raised it. */
export function raiseFlag(flag: ProcessFlag): boolean {
  return Atomics.exchange(memory, FLAGS.indexOf(flag), 1) === 0;
}

/** Returns whether a thread of the process has raised `flag`. */
export function isFlagRaised(flag: ProcessFlag): boolean {
  return Atomics.load(memory, FLAGS.indexOf(flag)) === 1;
}

/**
 * Warns the user on stderr, once per process for each code. Returns whether this call did.
 *
 * @param message What is missing or less exact, and what to do about it.
 */
export function warnOnce(message: string, code: WarningCode): boolean {
  const first = raiseFlag(code);
  if (first) process.emitWarning(message, { code });
  return first;
}
