import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { Session } from 'node:inspector';
import { install } from '@sinonjs/fake-timers';
import { sharedCollector } from '@rulescope/profiler';
import { time } from '@rulescope/profiler/datadog';
import { Sdk } from './Sdk';
import { type World, startWorker } from './World';
import { realTimers } from './realTimers';

/** Does something with the world. Returns whether there was anything to do. */
type Operation = (world: World) => boolean | Promise<boolean>;

const HOUR_MILLIS = 3_600_000;
const MAX_WORKERS = 3;
const MAX_READERS = 4;
const MAX_REQUESTS = 3;
const { now } = Date;

/** Removes a random element and returns it. */
function take<T>(world: World, from: T[]): T | undefined {
  return from.splice(world.dice(Math.max(1, from.length)), 1)[0];
}

function requests(path: (world: World) => string, abort: boolean): Operation {
  return (world) => {
    if (world.requests.size >= MAX_REQUESTS) return false;
    const one = async (): Promise<void> => {
      const request = get(`${world.url}/${path(world)}`);
      if (abort) {
        request.on('error', () => undefined);
        await realTimers.sleep(world.dice(500));
        request.destroy();
        return;
      }
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      const { statusCode } = response;
      world.tally.check(statusCode === 200 || statusCode === 429, `${path(world)}: ${statusCode}`);
    };
    const running: Promise<void> = one().finally(() => world.requests.delete(running));
    world.requests.add(running);
    return true;
  };
}

/** Calls `method` of the inspector's profiler. */
function inspect(session: Session, method: string): Promise<void> {
  return new Promise((resolve, reject) =>
    session.post(method, (error) => (error === null ? resolve() : reject(error))),
  );
}

/** Each operation by its name in the output. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'start SDK': (world) => {
    if (world.sdk !== undefined) return false;
    world.sdk = new Sdk(world.tally);
    return true;
  },
  'shut SDK down': async (world) => {
    const { sdk } = world;
    // The SDK's own exporter waits for a timer.
    if (world.fakeTimers !== undefined) return false;
    world.sdk = undefined;
    await sdk?.shutdown();
    return sdk !== undefined;
  },
  flush: async ({ sdk, fakeTimers }) => {
    if (fakeTimers !== undefined) return false;
    await sdk?.flush();
    return sdk !== undefined;
  },
  'disable metrics': ({ sdk }) => {
    sdk?.disable();
    return sdk !== undefined;
  },
  'enable metrics': ({ sdk }) => {
    sdk?.enable();
    return sdk !== undefined;
  },
  'disable labels': ({ instrumentation }) => {
    instrumentation.disable();
    return true;
  },
  'enable labels': ({ instrumentation }) => {
    instrumentation.enable();
    return true;
  },
  'add consumer': (world) => {
    if (world.consumers.length >= MAX_READERS) return false;
    const { tally } = world;
    world.consumers.push(
      sharedCollector().addConsumer('fuzz', ({ error }) => {
        const known = error === undefined || error.name === 'WorkerLostError';
        tally.check(known, `a window failed: ${error?.message}`);
      }),
    );
    return true;
  },
  'remove consumer': async (world) => {
    const consumer = take(world, world.consumers);
    await consumer?.remove();
    return consumer !== undefined;
  },
  'open span': (world) => {
    if (world.spans.length >= MAX_READERS) return false;
    const samplingIntervalMicros = [10_101, 4_999, 997][world.dice(3)]!;
    world.spans.push(sharedCollector().openSpan({ samplingIntervalMicros }));
    return true;
  },
  'close span': (world) => {
    const span = take(world, world.spans);
    const window = span?.close();
    world.tally.check(window?.error === undefined, `a span failed: ${window?.error?.message}`);
    return span !== undefined;
  },
  'start worker': ({ workers, tally }) => {
    if (workers.size >= MAX_WORKERS) return false;
    const worker = startWorker();
    worker.on('error', (error) => tally.check(false, `a worker failed: ${String(error)}`));
    worker.on('exit', () => workers.delete(worker));
    workers.add(worker);
    return true;
  },
  'terminate worker': async (world) => {
    const worker = take(world, [...world.workers]);
    await worker?.terminate();
    return worker !== undefined;
  },
  'turn the clock': (world) => {
    const offset = (world.dice(3) - 1) * HOUR_MILLIS;
    if (world.fakeTimers !== undefined) return false;
    Date.now = () => now() + offset;
    return true;
  },
  'fake timers': (world) => {
    if (world.fakeTimers !== undefined) return false;
    Date.now = now;
    world.fakeTimers = install({
      shouldClearNativeTimers: true,
      // Streams of Node.js need them.
      toNotFake: ['nextTick', 'queueMicrotask'],
    });
    return true;
  },
  'move fake timers': async ({ fakeTimers }) => {
    await fakeTimers?.tickAsync(60_000);
    return fakeTimers !== undefined;
  },
  'real timers': (world) => {
    const { fakeTimers } = world;
    fakeTimers?.uninstall();
    world.fakeTimers = undefined;
    return fakeTimers !== undefined;
  },
  'start inspector profile': async (world) => {
    if (world.inspector !== undefined) return false;
    world.inspector = new Session();
    world.inspector.connect();
    await inspect(world.inspector, 'Profiler.enable');
    await inspect(world.inspector, 'Profiler.start');
    return true;
  },
  'end inspector profile': async (world) => {
    const { inspector } = world;
    if (inspector === undefined) return false;
    await inspect(inspector, 'Profiler.stop');
    inspector.disconnect();
    world.inspector = undefined;
    return true;
  },
  'start drop-in': (world) => {
    if (world.dropInStarted) return false;
    time.start({ withContexts: true });
    world.dropInStarted = true;
    return true;
  },
  'stop drop-in': (world) => {
    if (!world.dropInStarted) return false;
    time.stop();
    world.dropInStarted = false;
    return true;
  },
  'listen to SIGPROF': () => {
    const listener = (): void => undefined;
    process.on('SIGPROF', listener);
    process.removeListener('SIGPROF', listener);
    return true;
  },
  'request profile': requests(() => 'pprof/profile?seconds=0.5', false),
  'request lines': requests(() => 'pprof/profile?seconds=0.5&lines=1', false),
  'request heap': requests(() => 'pprof/heap', false),
  'request usage': requests(() => 'rules/usage?seconds=10', false),
  'abort request': requests(() => 'pprof/profile?seconds=30', true),
};
