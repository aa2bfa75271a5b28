import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Session as InspectorSession } from 'node:inspector';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { install } from '@sinonjs/fake-timers';
import type { Consumer, ProfileSpan } from '@rulescope/profiler';
import { time } from '@rulescope/profiler/datadog';
import { createPprofHandler } from '@rulescope/profiler/http';
import { RuleInstrumentation, withRule } from 'rulescope';
import type { Tally } from '../soak/Tally';
import { FIRST_WORKERS } from '../soak/memory';
import type { Sdk } from './Sdk';
import { realTimers } from './realTimers';

/** What operations have started and not yet ended. */
export class World {
  readonly instrumentation = new RuleInstrumentation();
  readonly workers = new Set<Worker>();
  readonly consumers: Consumer[] = [];
  readonly spans: ProfileSpan[] = [];
  /** Requests under way. */
  readonly requests = new Set<Promise<void>>();
  sdk: Sdk | undefined;
  inspector: InspectorSession | undefined;
  fakeTimers: ReturnType<typeof install> | undefined;
  dropInStarted = false;
  private state: number;

  private constructor(
    readonly tally: Tally,
    seed: number,
    private readonly server: Server,
    private readonly handler: ReturnType<typeof createPprofHandler>,
  ) {
    this.state = seed;
  }

  static async create(tally: Tally, seed: number): Promise<World> {
    const handler = createPprofHandler({ heap: true });
    const server = createServer(handler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const first = Array.from({ length: FIRST_WORKERS }, startWorker);
    await Promise.all(first.map((worker) => once(worker, 'message')));
    await Promise.all(first.map((worker) => worker.terminate()));
    return new World(tally, seed, server, handler);
  }

  /** URL of the pprof handler. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/debug`;
  }

  /** Returns a random integer from 0 to `sides - 1`; the seed decides the sequence. */
  dice(sides: number): number {
    this.state = (this.state * 48_271) % 2_147_483_647;
    return this.state % sides;
  }

  /** Burns CPU in some rules, over some turns of the event loop. */
  async work(): Promise<void> {
    for (let turns = this.dice(4); turns >= 0; turns--) {
      await withRule(`rule ${this.dice(40)}`, async () => {
        realTimers.burn(1 + this.dice(10));
        await realTimers.sleep(this.dice(30));
        realTimers.burn(this.dice(5));
      });
    }
  }

  /** Ends all that is under way. */
  async close(): Promise<void> {
    this.fakeTimers?.uninstall();
    this.inspector?.disconnect();
    if (this.dropInStarted) time.stop();
    await Promise.all(this.requests);
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
    this.spans.forEach((span) => span.close());
    await Promise.all(this.consumers.map((consumer) => consumer.remove()));
    await this.sdk?.shutdown();
    this.instrumentation.disable();
    this.server.close();
    await this.handler.close();
  }
}

/** Starts a worker that runs rules. It sends a message when it is ready. */
export function startWorker(): Worker {
  return new Worker(join(__dirname, '../soak/worker.js'));
}
