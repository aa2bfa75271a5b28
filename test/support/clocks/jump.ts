/**
 * Sets the wall clock in both threads while a worker is sampled, by the first argument in
 * milliseconds. Replaces the only function by which the profiler reads that clock.
 */
import { dirname, join } from 'node:path';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';
import { ManualReader } from './ManualReader';
import { runSampledWorker } from './sampledWorker';
import { burn, eachTurn } from './turns';

const WINDOW_MILLIS = 100;

const jumpedBy = isMainThread
  ? new Float64Array(new SharedArrayBuffer(8))
  : (workerData as Float64Array);

// eslint-disable-next-line @typescript-eslint/no-require-imports -- not exported
const { timers } = require(
  join(dirname(require.resolve('@rulescope/profiler')), 'base/timers.js'),
) as { timers: { epochMillis: () => number } };
const real = timers.epochMillis;
timers.epochMillis = () => real() + jumpedBy[0]!;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function work(): void {
  withRule('r', () => burn(5));
}

async function main(): Promise<void> {
  const jump = Number(process.argv[2]);
  const reader = new ManualReader();
  new RuleInstrumentation();
  const ruleMetrics = new RuleMetrics({ windowMillis: WINDOW_MILLIS });
  const cpuAtStart = cpuSeconds();
  ruleMetrics.setMeterProvider(new MeterProvider({ readers: [reader] }));

  let mainWindows = 0;
  let workerWindows = 0;
  let worstLength = 0;
  /** CPU of the process when each window of the main thread arrived, seconds. */
  const cpu: number[] = [];
  sharedCollector().addConsumer('c', (window) => {
    const length = window.endTime - window.startTime;
    worstLength = Math.max(worstLength, Math.abs(length - window.durationMillis));
    if (window.origin.threadId !== 0) workerWindows++;
    else if (++mainWindows > 0) cpu.push(cpuSeconds() - cpuAtStart);
  });
  new Worker(__filename, { workerData: jumpedBy });
  const workUntil = (done: () => boolean): Promise<void> =>
    eachTurn(() => {
      work();
      return done();
    });
  await workUntil(() => mainWindows >= 2 && workerWindows >= 2);
  jumpedBy[0] = jump;
  const [mainBefore, workerBefore] = [mainWindows, workerWindows];
  await workUntil(() => mainWindows >= mainBefore + 9 && workerWindows >= workerBefore + 4);
  const sources = await reader.values('rulescope.process.cpu.time', 'rulescope.cpu.source');
  const usage = await reader.values('rulescope.process.cpu.usage', 'rulescope.cpu.source');
  const ledger = Object.values(sources).reduce((sum, seconds) => sum + seconds, 0);
  console.log(
    JSON.stringify({
      worstLength,
      ledger,
      ruleUsage: usage['rule'],
      // A worker is late by a window or two, and the ledger holds back three windows at most.
      cpuBefore: cpu.at(-7),
    }),
  );
  process.exit(0);
}

if (isMainThread) void main();
else runSampledWorker(work);
