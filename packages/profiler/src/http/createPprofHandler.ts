import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Logger, safeLogger, silentLogger } from '../base/logger';
import {
  functionOption,
  integerInRange,
  knownKeys,
  loggerOption,
  matching,
} from '../base/validate';
import { heapSupport, openHeap } from '../heap/openHeap';
import { type HeapOptions, resolveHeapOptions } from '../heap/options';
import { startLineProfile } from '../lines/startLineProfile';
import { sharedCollector } from '../thread/sharedCollector';
import { threadSetup } from '../thread/threadSetup';
import { samplerSupport } from '../thread/threadSampler';
import type { Authorize } from './accessControl';
import { type HeapSource, KeptHeap, heapEndpoint } from './heapEndpoint';
import { indexEndpoint } from './indexPage';
import { type ProfileParts, profileEndpoint } from './profileEndpoint';
import { ConcurrencyLimit, type RecordingClock, recordingClock } from './recording';
import { HttpError, textReply } from './reply';
import { type Endpoint, PprofServer } from './server';

/** How profiles are served. */
export interface PprofHandlerOptions {
  /**
   * Tells whether a request may read profiles; only `true` admits it. Default: requests from this
   * machine are admitted, all others are refused. Your function replaces this check, also for
   * requests from this machine.
   */
  readonly authorize?: Authorize;
  /**
   * The path of the index page. Default `/debug/pprof`. Where Express or connect mount the
   * handler, it also answers below their mount point.
   */
  readonly path?: string;
  /** The longest recording that a request can ask for, seconds, 1 to 3,600. Default 300. */
  readonly maxSeconds?: number;
  /** Recordings at the same time, 1 to 100. Default 8. The next request gets status 429. */
  readonly maxConcurrent?: number;
  /**
   * Samples the heap until the handler is closed, so that `heap` is answered at once. `true`, or
   * options of `openHeap`. With `allocations: true` (Node.js 26 or later) `allocs` is answered at
   * once as well. Default false: the heap is sampled only while a request for it lasts.
   */
  readonly heap?: boolean | HeapOptions;
  /** Gets reports of failures. Default: failures are not reported. */
  readonly logger?: Logger;
}

/** Serves profiles of this thread, in `http.createServer`, Express or connect. Never throws. */
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
 * Creates a handler that serves what Go's net/http/pprof serves, for this thread: an index page,
 * `profile`, `heap`, `allocs`, `cmdline`. Any number of clients can record at the same time, each
 * for its own span. Nothing is sampled until a request asks for it, except with the option `heap`.
 *
 * @throws InvalidOptionError
 */
export function createPprofHandler(options: PprofHandlerOptions = {}): PprofHandler {
  // Loads the sampler: labels entered from now on are in the first profile.
  samplerSupport();
  threadSetup().reader = true;
  return assembleHandler(
    {
      clock: recordingClock,
      collector: sharedCollector,
      whyUnsupported: () => samplerSupport().reason,
      startLines: startLineProfile,
      heap: { open: openHeap, support: heapSupport },
      commandLine: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    },
    options,
  );
}

/** What a handler needs from the process; tests pass their own. */
export interface HandlerParts extends Pick<
  ProfileParts,
  'collector' | 'whyUnsupported' | 'startLines'
> {
  readonly clock: RecordingClock;
  readonly heap: HeapSource;
  readonly commandLine: readonly string[];
}

/** Creates a handler from its parts. @throws InvalidOptionError */
export function assembleHandler(parts: HandlerParts, options: PprofHandlerOptions): PprofHandler {
  const { authorize, path, maxSeconds, maxConcurrent, heap, logger } = resolvePprofOptions(options);
  const limit = new ConcurrencyLimit(maxConcurrent, parts.clock);
  const kept = heap && new KeptHeap(parts.heap, heap, logger);
  const recording = { clock: parts.clock, limit, maxSeconds };
  const heapParts = { ...recording, source: parts.heap, kept };
  const endpoints: Endpoint[] = [
    profileEndpoint({ ...parts, ...recording }),
    heapEndpoint('heap', heapParts),
    heapEndpoint('allocs', heapParts),
    {
      name: 'cmdline',
      help: () => ({
        summary: 'The command line of the process. NUL separates its arguments.',
        parameters: [],
        commands: [],
      }),
      answer: () => textReply(parts.commandLine.join('\0')),
    },
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
    release: () => kept?.close(),
  });
  const handler = (...[request, response, next]: Parameters<PprofHandler>): void =>
    server.handle(request, response, next);
  return Object.assign(handler, { close: () => server.close() });
}

/** Returns an endpoint that says why Go's endpoint of that name is missing. */
function absentEndpoint(name: string, reason: string): Endpoint {
  return {
    name,
    answer() {
      throw new HttpError(404, `${name} is not served by design: ${reason}`);
    },
  };
}

interface ResolvedPprofOptions extends Required<
  Pick<PprofHandlerOptions, 'path' | 'maxSeconds' | 'maxConcurrent' | 'logger'>
> {
  readonly authorize: Authorize | undefined;
  readonly heap: HeapOptions | undefined;
}

/** `/`, or a path without a slash at its end. */
const PATH = /^(\/|(\/[^/?#\s]+)+)$/;

const KEYS = ['authorize', 'path', 'maxSeconds', 'maxConcurrent', 'heap', 'logger'] as const;

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
    logger: safeLogger(loggerOption('logger', logger)),
  };
}
