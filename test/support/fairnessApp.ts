/**
 * A program that samples its main thread and a worker, and is idle otherwise. Takes the
 * configuration of `RuleMetrics` as JSON, prints a line `found` and JSON, and ends on SIGTERM.
 */
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { sampleWorker, samplerSupport, sharedCollector } from '@rulescope/profiler';
import { RuleMetrics, type RuleMetricsConfig } from 'rulescope';

/** What the program prints as JSON. */
export interface Found {
  readonly fair: boolean | undefined;
  readonly slice: string | undefined;
  readonly reason: string | undefined;
  /** `rulescope.sampler.info`: the attributes and value of each series. */
  readonly info: readonly {
    readonly attributes: Record<string, unknown>;
    readonly value: unknown;
  }[];
  /** Whether each window is fair, by thread. */
  readonly windows: { readonly main: readonly boolean[]; readonly worker: readonly boolean[] };
  /** The kernel's ids of the threads. */
  readonly tids: { readonly main: string; readonly worker: string };
}

class Reader extends MetricReader {
  async info(): Promise<Found['info']> {
    const { resourceMetrics } = await this.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return metrics
      .filter(({ descriptor }) => descriptor.name === 'rulescope.sampler.info')
      .flatMap(({ dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ attributes, value })),
      );
  }
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

const WINDOWS = 3;

const readTid = (): string => /\d+$/.exec(readlinkSync('/proc/thread-self'))![0];

async function main(config: RuleMetricsConfig): Promise<void> {
  const worker = new Worker(__filename);
  const [workerTid] = (await once(worker, 'message')) as [string];
  const windows = { main: [] as boolean[], worker: [] as boolean[] };
  const reader = new Reader();
  const metrics = new RuleMetrics({ windowMillis: 200, ...config });
  metrics.setMeterProvider(new MeterProvider({ readers: [reader] }));
  // Restarting makes sampling start twice.
  metrics.disable();
  metrics.enable();
  await new Promise<void>((resolve) => {
    const consumer = sharedCollector().addConsumer('test', ({ origin, fair }) => {
      windows[origin.threadId === 0 ? 'main' : 'worker'].push(fair);
      if (windows.main.length < WINDOWS || windows.worker.length < WINDOWS) return;
      void consumer.remove();
      resolve();
    });
  });
  const { fair, slice, reason } = samplerSupport().fairness ?? {};
  const info = await reader.info();
  const tids = { main: readTid(), worker: workerTid };
  process.once('SIGTERM', () => {
    metrics.disable();
    void worker.terminate();
  });
  const found: Found = { fair, slice, reason: reason?.message, info, windows, tids };
  console.log(`found ${JSON.stringify(found)}`);
}

if (isMainThread) {
  void main(JSON.parse(process.argv[2] ?? '{}') as RuleMetricsConfig);
} else {
  sampleWorker();
  // Keeps the worker alive.
  parentPort!.on('message', () => undefined);
  parentPort!.postMessage(readTid());
}
