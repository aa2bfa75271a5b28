import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  type Server,
  createServer,
  request,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Profile } from 'pprof-format';
import type { Steps } from '../../src/base/steps';
import { ThreadCollector } from '../../src/collector/ThreadCollector';
import type { HeapOptions } from '../../src/heap/options';
import {
  type PprofHandler,
  type PprofHandlerOptions,
  assembleHandler,
} from '../../src/http/createPprofHandler';
import type { LineProfileOptions } from '../../src/lines/startLineProfile';
import { FakeClock } from './FakeClock';
import { FakeLabels } from './FakeLabels';
import { FakeSampler } from './FakeSampler';
import { FakeWorkers } from './FakeWorkers';
import { LogSpy } from './LogSpy';
import { origin } from './builders';
import { profileOf } from './profiles';

/** A received response. */
export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** Heap sampling; each reading has one object more than the reading before. */
export class FakeHeap {
  supported = true;
  allocations = true;
  failure: Error | undefined;
  readings = 0;
  readonly opened: HeapOptions[] = [];
  readonly open_ = new Set<object>();

  support() {
    const { supported, allocations } = this;
    const reason = supported && allocations ? {} : { reason: 'not on this machine' };
    return { supported, allocations, ...reason };
  }

  open(options: HeapOptions) {
    if (this.failure !== undefined) throw this.failure;
    this.opened.push(options);
    const reader = {
      profile: (): Profile => {
        if (this.failure !== undefined) throw this.failure;
        const values = [++this.readings, this.readings * 100];
        return profileOf({
          types: [
            ['inuse_space', 'bytes'],
            ['alloc_space', 'bytes'],
          ],
          samples: [{ stack: ['f'], values }],
        });
      },
      close: () => void this.open_.delete(reader),
    };
    this.open_.add(reader);
    return reader;
  }
}

/** Line-level recording; its profile tells how often it was started. */
class FakeLines {
  failure: Error | undefined;
  running = 0;
  started = 0;
  intervalMicros: number | undefined;

  start({ samplingIntervalMicros }: LineProfileOptions) {
    if (this.failure !== undefined) throw this.failure;
    this.running++;
    this.started++;
    this.intervalMicros = samplingIntervalMicros;
    return () => {
      this.running--;
      const samples = [{ stack: ['line'], values: [this.started] }];
      return (function* (): Steps<Profile> {
        yield;
        return profileOf({ samples });
      })();
    };
  }
}

/** A handler behind a real HTTP server on loopback, with a fake sampler, heap and clock. */
export class PprofHarness {
  readonly clock = new FakeClock();
  readonly sampler = new FakeSampler();
  readonly heap = new FakeHeap();
  readonly lines = new FakeLines();
  readonly workers = new FakeWorkers();
  readonly logger = new LogSpy();
  readonly collector = new ThreadCollector(
    { sampler: this.sampler, labels: new FakeLabels(), clock: this.clock, origin },
    { windowMillis: 600_000 },
  );
  unsupported: Error | undefined;
  readonly handler: PprofHandler;
  readonly server: Server;
  /** Requests that reached the server. */
  requests = 0;

  constructor(options: PprofHandlerOptions = {}) {
    this.handler = assembleHandler(
      {
        clock: this.clock,
        collector: () => this.collector,
        threadId: origin.threadId,
        whyUnsupported: () => this.unsupported,
        openWorkers: () => this.workers,
        startLines: (rate) => this.lines.start(rate),
        heap: this.heap,
        commandLine: ['/bin/node', '--flag', 'app.js', 'é'],
      },
      { logger: this.logger, ...options },
    );
    this.server = createServer((req, res) => {
      this.requests++;
      this.handler(req, res);
    });
  }

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  async stop(): Promise<void> {
    await this.handler.close();
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  /** Sends a request and returns it without waiting for the response. */
  send(path: string, options: RequestOptions = {}) {
    const { port } = this.server.address() as AddressInfo;
    const sent = request({ host: '127.0.0.1', port, path: `/debug/pprof${path}`, ...options });
    sent.end();
    return sent;
  }

  /** Resolves with the whole response. */
  async get(path: string, options: RequestOptions = {}): Promise<Response> {
    const [incoming] = (await once(this.send(path, options), 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    return {
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      body,
      text: body.toString(),
    };
  }
}
