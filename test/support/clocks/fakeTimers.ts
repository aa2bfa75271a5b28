/**
 * Samples two threads beside fake timers. Arguments: when they are installed, before
 * rulescope is loaded or while it samples, and their kind.
 */
import { burn, eachTurn } from './turns';
import { elapse, install, kind, when } from './fakes';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker, isMainThread } from 'node:worker_threads';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { sampleWorker, sharedCollector } from '@rulescope/profiler';
import { time } from '@rulescope/profiler/datadog';
import { createPprofHandler } from '@rulescope/profiler/http';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';
import { ManualReader } from './ManualReader';

const WINDOW_MILLIS = 100;
const WINDOWS = 2;

/** Returns the status of a profile of one second. HTTP itself does not work without `nextTick`. */
async function profileOverHttp(): Promise<number | undefined> {
  const server = createServer(createPprofHandler()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/debug/pprof/profile?seconds=1`;
  const [response] = (await once(get(url), 'response')) as [IncomingMessage];
  return response.statusCode;
}

async function main(): Promise<void> {
  const reader = new ManualReader();
  new RuleInstrumentation();
  const ruleMetrics = new RuleMetrics({ windowMillis: WINDOW_MILLIS });
  ruleMetrics.setMeterProvider(new MeterProvider({ readers: [reader] }));
  const lengths: number[] = [];
  const ends: number[] = [];
  let workerWindows = 0;
  sharedCollector().addConsumer('c', ({ origin, durationMillis, endTime }) => {
    if (origin.threadId !== 0) {
      workerWindows++;
      return;
    }
    lengths.push(durationMillis);
    ends.push(endTime);
  });
  new Worker(__filename, { argv: process.argv.slice(2) });
  const work = (): Promise<void> => {
    const [mainBefore, workerBefore] = [lengths.length, workerWindows];
    return eachTurn(() => {
      withRule('r', () => burn(5));
      return lengths.length >= mainBefore + WINDOWS && workerWindows >= workerBefore + WINDOWS;
    });
  };
  await work();
  if (when === 'during') install();
  const waiting = elapse();
  await work();
  // The first window ends when the second consumer comes.
  const [shortest, longest] = [Math.min(...lengths.slice(1)), Math.max(...lengths)];
  const [firstEnd, lastEnd] = [ends[0], ends.at(-1)];

  time.start({ withContexts: true, workaroundV8Bug: true });
  time.setContext({ a: 1 });
  burn(20);
  time.setContext({ a: 2 });
  burn(20);
  const { durationNanos } = time.stop();
  const cpu = await reader.values('rulescope.rule.cpu.time', 'rulescope.rule.id');
  const status = kind === 'timeouts' ? await profileOverHttp() : 200;
  console.log(
    JSON.stringify({
      waiting,
      shortest,
      longest,
      firstEnd,
      lastEnd,
      dropInSeconds: Number(durationNanos) / 1e9,
      cpu: cpu['r'],
      status,
    }),
  );
  process.exit(0);
}

if (isMainThread) {
  void main();
} else {
  if (when !== 'before') install();
  new RuleInstrumentation();
  sampleWorker();
  void eachTurn(() => {
    withRule('r', () => burn(5));
    return false;
  });
}
