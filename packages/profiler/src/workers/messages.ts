import type { MessagePort } from 'node:worker_threads';
import type { SamplingPlan } from '../collector/SampledWorkers';
import type { ProfileWindow } from '../model/ProfileWindow';
import { toWindowError } from '../model/WindowError';
import { withoutSamples } from '../model/freezeWindow';

/** Name of the protocol between threads. Increase the number whenever the shape of a message changes. */
export const PROTOCOL = 'rulescope.profiler.workers.5';

/** A message to a worker. */
export type ToWorker =
  /**
   * The worker closes its open window, samples as the plan says, and answers `followed`. Without a
   * plan it stops sampling.
   */
  { readonly kind: 'sample'; readonly plan: SamplingPlan | undefined } | RecordMessage;

/**
 * Asks a worker to record a profile. Everything else about the recording goes through `port`, whose
 * other end closes when either thread gives the recording up, also by ending.
 */
export interface RecordMessage {
  readonly kind: 'record';
  readonly request: RecordingRequest;
  readonly port: MessagePort;
}

/** What a worker records. */
export interface RecordingRequest {
  readonly kind: RecordingKind;
  /** Default: the default of what records. */
  readonly samplingIntervalMicros?: number | undefined;
  /** Mean number of bytes between two samples of the heap. Default as above. */
  readonly intervalBytes?: number | undefined;
  /** Options of the worker's collector, if it has none yet. */
  readonly collector: Omit<SamplingPlan, 'samplingIntervalMicros'>;
}

/**
 * What a profile shows: CPU with labels, lines, memory in use, or all allocated memory.
 */
export type RecordingKind = 'cpu' | 'lines' | 'heap' | 'allocs';

/** A message about a recording to the worker. */
export interface StopMessage {
  /** Comments to add to the profile. */
  readonly comments: readonly string[];
}

/** A message about a recording from the worker. */
export type RecordingMessage =
  | { readonly kind: 'started' }
  /** Answers a {@link StopMessage}. The profile follows as soon as it is built. */
  | { readonly kind: 'stopped' }
  /** The profile in pprof's format. It is the last message. */
  | { readonly kind: 'profile'; readonly bytes: Uint8Array }
  /** Nothing is recorded any more. It is the last message. */
  | { readonly kind: 'failed'; readonly message: string };

/** A message from a worker. */
export type FromWorker =
  /** The worker has done what the last plan says. It has sent all windows that began before. */
  | { readonly kind: 'followed' }
  | { readonly kind: 'window'; readonly window: ProfileWindow }
  /** The worker has sent all its windows and ends. */
  | { readonly kind: 'ended' };

/** Returns `window` without its samples, which could not be sent because of `error`. Pure. */
export function unsendable(window: ProfileWindow, error: Error): ProfileWindow {
  return withoutSamples(window, {
    incompleteReason: undefined,
    error: toWindowError(error),
    fair: false,
    quality: undefined,
  });
}
