/** Runs rules whose ids have a megabyte, in two threads, and prints what leaves the process. */
import { Worker, isMainThread } from 'node:worker_threads';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { type ProfileWindow, sharedCollector } from '@rulescope/profiler';
import { toPprof } from '@rulescope/profiler/pprof';
import { RuleInstrumentation, RuleMetrics, getRule, withRule } from 'rulescope';
import { ManualReader } from './ManualReader';
import { runSampledWorker } from './sampledWorker';
import { burn, eachTurn } from './turns';

const RULES = 20;
const ids = Array.from({ length: RULES }, (_, i) => '😀'.repeat(1 << 19) + i);

/** Uses CPU in each rule. Returns whether every rule still has its own id. */
function work(): boolean {
  return ids.map((id) => withRule(id, () => (burn(4), getRule() === id))).every(Boolean);
}

function rulesIn({ root }: ProfileWindow): string[] {
  const found = new Set<string>();
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const { context } of node.contexts ?? []) found.add(context?.labels?.['rule'] ?? '');
    pending.push(...node.children);
  }
  return [...found].filter((rule) => rule !== '');
}

async function main(): Promise<void> {
  const reader = new ManualReader();
  new RuleInstrumentation();
  const ruleMetrics = new RuleMetrics({ windowMillis: 300, samplingIntervalMicros: 1_009 });
  ruleMetrics.setMeterProvider(new MeterProvider({ readers: [reader] }));
  const collector = sharedCollector();
  const last = new Map<number, ProfileWindow>();
  collector.addConsumer('y'.repeat(1 << 20), (window) => {
    if (rulesIn(window).length === RULES) last.set(window.origin.threadId, window);
  });
  new Worker(__filename);
  let intact = true;
  await eachTurn(() => {
    intact &&= work();
    return last.size === 2;
  });
  const { resourceMetrics } = await reader.collect();
  const scrape = new PrometheusSerializer().serialize(resourceMetrics);
  const series = scrape.match(/^rulescope_rule_cpu_time_total\{.*$/gm) ?? [];
  console.log(
    JSON.stringify({
      intact,
      scrape: scrape.length,
      series: series.length,
      wellFormed: Buffer.from(scrape).toString() === scrape,
      rules: [...last.values()].map((window) => rulesIn(window).length),
      windows: [...last.values()].map((window) => JSON.stringify(window).length),
      profiles: [...last.values()].map((window) =>
        toPprof(window).stringTable.strings.reduce((sum, text) => sum + text.length, 0),
      ),
    }),
  );
  process.exit(0);
}

if (isMainThread) void main();
else runSampledWorker(work);
