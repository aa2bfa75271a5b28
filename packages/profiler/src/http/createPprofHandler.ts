import type { IncomingMessage, ServerResponse } from 'node:http';
import { threadId } from 'node:worker_threads';
import { type Logger, safeLogger, silentLogger } from '../base/logger';
import {
  boolean,
  functionOption,
  integerInRange,
  knownKeys,
  loggerOption,
  matching,
  nonEmptyString,
} from '../base/validate';
import { systemClock } from '../collector/Clock';
import { heapSupport, openHeap } from '../heap/openHeap';
import { type HeapOptions, resolveHeapOptions } from '../heap/options';
import { recordLineProfile } from '../lines/startLineProfile';
import { type Workers, openWorkers } from '../recording/openWorkers';
import { sharedCollector } from '../thread/sharedCollector';
import { readerAdded } from '../thread/threadSetup';
import { samplerSupport } from '../thread/threadSampler';
import { type Authorize, ConcurrencyLimit } from './accessControl';
import { type Endpoint, absentEndpoint, commandLineEndpoint } from './endpoint';
import { type HeapSource, KeptHeap, heapEndpoint } from './heapEndpoint';
import { indexEndpoint } from './indexPage';
import { type ProfileParts, profileEndpoint } from './profileEndpoint';
import { PprofServer } from './server';
import { type UsageParts, UsageRecorder, usageEndpoint } from './usageEndpoint';

/** How profiles are served. */
export interface PprofHandlerOptions {
  /**
   * Tells whether a request may read profiles; only `true` admits it. Default: requests from this
   * machine are admitted, all others are refused. Your function replaces this check, also for
   * requests from this machine.
   */
  readonly authorize?: Authorize;
  /**
   * The path of the index page. Default `/debug/pprof`, and `/debug/rules/usage` beside it. Where
   * Express or connect mount the handler, it also answers below their mount point.
   */
  readonly path?: string;
  /** The longest recording that a request can ask for, seconds, 1 to 3,600. Default 300. */
  readonly maxSeconds?: number;
  /**
   * Requests that get data of the sampler at the same time, 1 to 100. Default 8. The next request
   * gets status 429.
   */
  readonly maxConcurrent?: number;
  /**
   * Samples the heap until the handler is closed, so that `heap` is answered at once. `true`, or
   * options of `openHeap`. With `allocations: true` (Node.js 26 or later) `allocs` is answered at
   * once as well. Default false: the heap is sampled only while a request for it lasts.
   */
  readonly heap?: boolean | HeapOptions;
  /**
   * Samples the CPU until the handler is closed, so that the first request for `rules/usage` already
   * gets the last five minutes. Default false: sampling begins with the first request, and ends when
   * none has come for five minutes.
   */
  readonly usage?: boolean;
  /** Key of the label whose values `rules/usage` lists as rules. Default `rule`. */
  readonly usageLabel?: string;
  /** Gets reports of failures. Default: failures are not reported. */
  readonly logger?: Logger;
}

/**
 * Serves profiles of this thread and its workers, in `http.createServer`, Express or connect. Never
 * throws.
 */
export interface PprofHandler {
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void;
  /**
   * Ends all recordings; call it when the application shuts down. Pending requests receive a
   * partial profile, later requests receive status 503. Heap sampling for this handler stops.
   * Further calls do nothing more.
   *
   * @returns a promise that resolves when all pending requests are answered. It never rejects.
   */
  close(): Promise<void>;
}

/**
 * Creates a handler that serves what Go's net/http/pprof serves, for this thread, or for the worker
 * that a request chooses: an index page, `profile`, `heap`, `allocs`, `cmdline`. `rules/usage`
 * tells which rules use the CPU. Any number of clients can record at the same time, each for its
 * own span. Nothing is sampled until a request asks for it, except with the options `heap` and
 * `usage`.
 *
 * @throws InvalidOptionError
 */
export function createPprofHandler(options: PprofHandlerOptions = {}): PprofHandler {
  // Loads the sampler: labels entered from now on are in the first profile.
  samplerSupport();
  readerAdded();
  return assembleHandler(
    {
      clock: systemClock,
      collector: sharedCollector,
      threadId,
      openWorkers,
      whyUnsupported: () => samplerSupport().reason,
      startLines: recordLineProfile,
      heap: { open: openHeap, support: heapSupport },
      commandLine: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    },
    options,
  );
}

/** What a handler needs from the process; tests pass their own. */
export type HandlerParts = Omit<
  ProfileParts & UsageParts,
  'limit' | 'maxSeconds' | 'usageLabel' | 'workers'
> & {
  readonly openWorkers: () => Workers;
  readonly heap: HeapSource;
  readonly commandLine: readonly string[];
};

/** Creates a handler from its parts. @throws InvalidOptionError */
export function assembleHandler(parts: HandlerParts, options: PprofHandlerOptions): PprofHandler {
  const { authorize, path, maxSeconds, maxConcurrent, heap, usage, usageLabel, logger } =
    resolvePprofOptions(options);
  const limit = new ConcurrencyLimit(maxConcurrent, parts.clock);
  const kept = heap && new KeptHeap(parts.heap, heap, logger);
  const workers = parts.openWorkers();
  const recording = { ...parts, limit, maxSeconds, workers };
  const heapParts = { ...recording, source: parts.heap, kept };
  const usageParts = { ...recording, usageLabel };
  const recorder = new UsageRecorder(usageParts, usage);
  const endpoints: Endpoint[] = [
    profileEndpoint(recording),
    heapEndpoint('heap', heapParts),
    heapEndpoint('allocs', heapParts),
    usageEndpoint(usageParts, recorder),
    commandLineEndpoint(parts.commandLine),
    absentEndpoint(
      'trace',
      'Node.js records execution traces itself (node --trace-events-enabled, module ' +
        'node:trace_events), in a format that go tool trace cannot read',
    ),
    absentEndpoint('symbol', 'profiles contain the names of their functions'),
  ];
  const server = new PprofServer({
    endpoints: [indexEndpoint(endpoints), ...endpoints],
    authorize,
    logger,
    path,
    release: () => {
      recorder.close();
      kept?.close();
      workers.close();
    },
  });
  const handler = (...[request, response, next]: Parameters<PprofHandler>): void =>
    server.handle(request, response, next);
  return Object.assign(handler, { close: () => server.close() });
}

interface ResolvedPprofOptions extends Required<Omit<PprofHandlerOptions, 'authorize' | 'heap'>> {
  readonly authorize: Authorize | undefined;
  readonly heap: HeapOptions | undefined;
}

/** `/`, or a path without a slash at its end. */
const PATH = /^(\/|(\/[^/?#\s]+)+)$/;

const KEYS = [
  'authorize',
  'path',
  'maxSeconds',
  'maxConcurrent',
  'heap',
  'usage',
  'usageLabel',
  'logger',
] as const;

/** Fills in the defaults. @throws InvalidOptionError */
export function resolvePprofOptions(options: PprofHandlerOptions = {}): ResolvedPprofOptions {
  knownKeys('PprofHandlerOptions', options, KEYS);
  const { authorize, heap = false, logger = silentLogger } = options;
  return {
    authorize: authorize === undefined ? undefined : functionOption('authorize', authorize),
    path: matching(
      'path',
      options.path ?? '/debug/pprof',
      PATH,
      'a path such as /debug/pprof, or /',
    ),
    maxSeconds: integerInRange('maxSeconds', options.maxSeconds ?? 300, 1, 3_600),
    maxConcurrent: integerInRange('maxConcurrent', options.maxConcurrent ?? 8, 1, 100),
    heap: heap === false ? undefined : resolveHeapOptions(heap === true ? {} : heap, 'heap'),
    usage: boolean('usage', options.usage ?? false),
    usageLabel: nonEmptyString('usageLabel', options.usageLabel ?? 'rule'),
    logger: safeLogger(loggerOption('logger', logger)),
  };
}
