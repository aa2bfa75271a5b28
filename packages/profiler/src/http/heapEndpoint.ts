import type { Profile } from '../pprof/Profile';
import { toError } from '../base/errors';
import { inTurns } from '../base/inTurns';
import type { Logger } from '../base/logger';
import type { HeapReader, HeapSupport } from '../heap/HeapReader';
import type { HeapOptions } from '../heap/options';
import { type ProfileChanges, rewriteInSteps } from '../pprof/rewriteProfile';
import type { WorkerThread } from '../workers/WorkerRegistry';
import { type Endpoint, HttpError, type Reply, profileReply } from './endpoint';
import { DEFAULT_SECONDS, MIN_SECONDS, defaultSeconds, parseHeapQuery } from './parameters';
import {
  type RecordingParts,
  SOURCES_HELP,
  attempt,
  findWorker,
  mapToSources,
  recordWorker,
  recordingEnd,
  threadHelp,
  throwIfDisconnected,
  unsupported,
} from './recordings';

/** Heap sampling, as far as the endpoints need it. */
export interface HeapSource {
  /** @throws SamplerUnavailableError with the reason and what to do. */
  open(options: HeapOptions): Pick<HeapReader, 'profile' | 'close'>;
  support(): HeapSupport;
}

/** The two endpoints on the heap. */
const HEAP_KINDS = {
  heap: {
    sampleType: 'inuse_space',
    summary: 'What uses memory.',
    always: 'Memory in use now that was allocated since the application started.',
    duringSeconds:
      'Memory allocated in the seconds you ask for and in use at their end. ' +
      'The option heap samples all the time.',
  },
  allocs: {
    sampleType: 'alloc_space',
    summary: 'What allocates memory.',
    always: 'All memory allocated since the application started.',
    duringSeconds: 'All memory allocated in the seconds you ask for.',
  },
} as const;

export interface HeapParts extends RecordingParts {
  readonly source: HeapSource;
  /** Sampling that is always on, if the user wants it. */
  readonly kept: KeptHeap | undefined;
}

/**
 * Returns the endpoint `heap` or `allocs`. It answers at once where sampling is always on.
 * Otherwise it samples while the request lasts, because V8 samples no heap by default.
 */
export function heapEndpoint(name: keyof typeof HEAP_KINDS, parts: HeapParts): Endpoint {
  const { source, limit, clock, maxSeconds } = parts;
  const { sampleType, summary, always, duringSeconds } = HEAP_KINDS[name];
  const fileName = `${name}.pb.gz` as const;
  const kept = name === 'heap' || parts.kept?.allocations === true ? parts.kept : undefined;

  function whyUnavailable(worker?: WorkerThread): HttpError | undefined {
    const { supported, allocations, reason } = source.support();
    if (!supported) {
      // What keeps this thread from being sampled now says nothing about a worker.
      if (worker !== undefined) return unsupported(parts);
      return unsupported(parts) ?? new HttpError(503, reason ?? 'the heap cannot be sampled now');
    }
    if (name === 'heap' || allocations) return undefined;
    return new HttpError(501, reason ?? 'this runtime does not sample allocations');
  }

  function rewrite(profile: Profile, changes: ProfileChanges = {}): Promise<Profile> {
    return inTurns(rewriteInSteps(profile, { ...changes, defaultSampleType: sampleType }));
  }

  async function record(seconds: number, signal: AbortSignal): Promise<Profile> {
    const reader = attempt(() => source.open({ allocations: name === 'allocs' }));
    try {
      // Where sampling is always on, the reader of `heap` also sees what was in use before.
      const minus = name === 'heap' && kept ? attempt(() => reader.profile()) : undefined;
      const comments = await recordingEnd(seconds, signal, clock);
      throwIfDisconnected(signal);
      const profile = attempt(() => reader.profile());
      return await rewrite(profile, { comments, minus });
    } finally {
      reader.close();
    }
  }

  return {
    name,
    help() {
      const range = `${MIN_SECONDS} to ${maxSeconds}`;
      const meaning = kept
        ? `Only the change within N seconds, ${range}.`
        : `How long to sample, ${range}; default ${DEFAULT_SECONDS}.`;
      return {
        summary: `${summary} ${kept ? always : duringSeconds}`,
        unavailable: whyUnavailable()?.message,
        parameters: [{ usage: 'seconds=N', meaning }, threadHelp(parts), SOURCES_HELP],
        commands: [{ command: 'go tool pprof -top', query: kept ? '' : '?seconds=10' }],
      };
    },
    async answer({ query, signal, headOnly, idleLimitMillis }) {
      const limits = { maxSeconds, idleLimitMillis };
      const { seconds: wanted, thread, sources } = parseHeapQuery(query, limits);
      const worker = await findWorker(thread, parts, signal);
      const error = whyUnavailable(worker);
      if (error !== undefined) throw error;
      if (headOnly) return profileReply(fileName);
      const reply = async (profile: Profile | Uint8Array): Promise<Reply> =>
        profileReply(fileName, sources ? await mapToSources(profile) : profile);
      if (worker === undefined && kept !== undefined && wanted === undefined) {
        return limit.run(0, async () => reply(await rewrite(attempt(() => kept.profile()))));
      }
      const seconds = wanted ?? defaultSeconds(limits);
      return limit.run(seconds, async () => {
        const profile = worker
          ? await recordWorker(worker, { kind: name }, seconds, signal, parts)
          : await record(seconds, signal);
        return reply(profile);
      });
    },
  };
}

/** Heap sampling that goes on between requests. Starts again after other code stopped it. */
export class KeptHeap {
  readonly allocations: boolean;
  private reader: ReturnType<HeapSource['open']> | undefined;

  constructor(
    private readonly source: Pick<HeapSource, 'open'>,
    private readonly options: HeapOptions,
    logger: Logger,
  ) {
    this.allocations = options.allocations === true;
    try {
      this.reader = source.open(options);
    } catch (thrown) {
      logger.warn(
        'rulescope: heap sampling did not start; each request tries again',
        toError(thrown),
      );
    }
  }

  /** Returns what was sampled so far. @throws Error when sampling cannot start or was stopped. */
  profile(): Profile {
    this.reader ??= this.source.open(this.options);
    try {
      return this.reader.profile();
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }

  close(): void {
    this.reader?.close();
    this.reader = undefined;
  }
}
