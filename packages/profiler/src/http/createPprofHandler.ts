import type { IncomingMessage, ServerResponse } from 'node:http';
import { threadId } from 'node:worker_threads';
import { systemClock } from '../collector/Clock';
import { heapSupport, openHeap } from '../heap/openHeap';
import { recordLineProfile } from '../lines/startLineProfile';
import { type Workers, openWorkers } from '../recording/openWorkers';
import { sharedCollector } from '../thread/sharedCollector';
import { readerAdded } from '../thread/threadSetup';
import { samplerSupport } from '../thread/threadSampler';
import { ConcurrencyLimit } from './accessControl';
import { type Endpoint, absentEndpoint, commandLineEndpoint } from './endpoint';
import { type HeapSource, KeptHeap, heapEndpoint } from './heapEndpoint';
import { indexEndpoint } from './indexPage';
import { type PprofHandlerOptions, resolvePprofOptions } from './options';
import { type ProfileParts, profileEndpoint } from './profileEndpoint';
import { PprofServer } from './server';
import { type UsageParts, UsageRecorder, usageEndpoint } from './usageEndpoint';

/** Serves profiles of this thread and its workers, in `http.createServer`, Express or connect. Never throws. */
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
 * that a request chooses: an index page, `profile`, `heap`, `allocs`, `cmdline`. `rules/usage` tells
 * which rules use the CPU. Any number of clients can record at the same time, each for its own span.
 * Nothing is sampled until a request asks for it, except with the options `heap` and `usage`.
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
