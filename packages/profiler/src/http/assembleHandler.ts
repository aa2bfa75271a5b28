import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../collector/Clock';
import { Gate } from './Gate';
import type { HeapSource } from './HeapSource';
import { KeptHeap } from './KeptHeap';
import type { LineRecorder } from './LineRecorder';
import { PprofServer } from './PprofServer';
import { Slots } from './Slots';
import { SYMBOL, TRACE } from './endpoints/AbsentEndpoint';
import { CmdlineEndpoint } from './endpoints/CmdlineEndpoint';
import type { Endpoint } from './endpoints/Endpoint';
import { HeapEndpoint } from './endpoints/HeapEndpoint';
import { IndexEndpoint } from './endpoints/IndexEndpoint';
import { type ProfileParts, ProfileEndpoint } from './endpoints/ProfileEndpoint';
import { type PprofHandlerOptions, resolvePprofOptions } from './options';

/** Serves profiles of this thread; a listener for `http.createServer`, a middleware for Express and connect. Never throws. */
export interface PprofHandler {
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void;
  /**
   * Call it when the application shuts down: recordings under way end and are answered with what there is, later requests with
   * 503, and what was sampled for this handler is let go. Further calls do nothing more.
   *
   * @returns a promise that fulfils when all requests under way have their answer; it never rejects.
   */
  close(): Promise<void>;
}

/** What a handler works with. */
export interface HandlerParts extends Pick<ProfileParts, 'collector' | 'whyUnsupported'> {
  readonly clock: Clock;
  readonly lines: LineRecorder;
  readonly heap: HeapSource;
  /** The program and its arguments. */
  readonly commandLine: readonly string[];
}

/** Puts a handler together. @throws InvalidOptionError */
export function assembleHandler(parts: HandlerParts, options: PprofHandlerOptions): PprofHandler {
  const { authorize, path, maxSeconds, maxConcurrent, heap, logger } = resolvePprofOptions(options);
  const { clock, collector, whyUnsupported, lines } = parts;
  const recording = { clock, maxSeconds, slots: new Slots(maxConcurrent, clock) };
  const kept = heap && new KeptHeap(parts.heap, heap, logger);
  const heapParts = { ...recording, source: parts.heap, kept };
  const endpoints: Endpoint[] = [
    new ProfileEndpoint({ ...recording, collector, lines, whyUnsupported }),
    new HeapEndpoint('heap', heapParts),
    new HeapEndpoint('allocs', heapParts),
    new CmdlineEndpoint(parts.commandLine),
    TRACE,
    SYMBOL,
  ];
  const server = new PprofServer({
    endpoints: [new IndexEndpoint(endpoints), ...endpoints],
    gate: new Gate(authorize, logger),
    clock,
    logger,
    path,
    release: () => kept?.close(),
  });
  const handler = (...[request, response, next]: Parameters<PprofHandler>): void =>
    server.handle(request, response, next);
  return Object.assign(handler, { close: () => server.close() });
}
