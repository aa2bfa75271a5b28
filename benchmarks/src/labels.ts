/**
 * `npm run bench:labels`: what entering a rule costs. Each variant enters 400,000 times an async body with two awaits, in a process of its
 * own; the variants take turns, so that a noisy machine disturbs all alike. Printed are medians of process CPU per entry, garbage
 * collection included, and of the ratio to OpenTelemetry's context alone in the same turn.
 */
import { execFileSync } from 'node:child_process';
import { type Context, ROOT_CONTEXT, context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RuleInstrumentation, setRule } from '@rulescope/instrumentation';
import { sharedCollector } from '@rulescope/profiler';

const VARIANTS = ['no context', 'otel', 'labels', 'labels, sampling'] as const;
type Variant = (typeof VARIANTS)[number];

const ENTRIES = 400_000;
const RULES = 20;

async function body(): Promise<number> {
  await Promise.resolve();
  let x = 0;
  for (let i = 0; i < 500; i++) x = (x * 31 + i) | 0;
  await Promise.resolve();
  return x;
}

/** CPU per entry, nanoseconds. */
async function measure(variant: Variant): Promise<number> {
  const labelled = variant.startsWith('labels');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  if (labelled) new RuleInstrumentation();
  if (variant === 'labels, sampling') sharedCollector().addConsumer('benchmark', () => undefined);

  const key = createContextKey('benchmark');
  const contexts: Context[] = Array.from({ length: RULES }, (_, i) =>
    labelled ? setRule(ROOT_CONTEXT, `rule-${i}`) : ROOT_CONTEXT.setValue(key, i),
  );
  const round = async (entries: number): Promise<void> => {
    for (let i = 0; i < entries; i++) {
      if (variant === 'no context') await body();
      else await context.with(contexts[i % RULES] as Context, body);
    }
  };
  await round(ENTRIES / 10);
  const before = process.cpuUsage();
  await round(ENTRIES);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / ENTRIES;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function compare(turns: number): void {
  const results = new Map<Variant, number[]>(VARIANTS.map((variant) => [variant, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const variant of VARIANTS) {
      const output = execFileSync(process.execPath, [__filename, '--variant', variant], {
        encoding: 'utf8',
      });
      results.get(variant)?.push(Number(output));
    }
  }
  const otel = results.get('otel') ?? [];
  console.log(`Node.js ${process.versions.node}, medians of ${turns} turns`);
  console.log('| variant | ns of CPU per entry | / otel alone |\n| --- | --- | --- |');
  for (const [variant, values] of results) {
    const ratio = median(values.map((value, turn) => value / (otel[turn] ?? NaN)));
    console.log(`| ${variant} | ${median(values).toFixed(0)} | ${ratio.toFixed(3)} |`);
  }
}

const [flag, value] = process.argv.slice(2);
if (flag === '--variant') {
  void measure(value as Variant).then((nanos) => {
    console.log(nanos);
    process.exit();
  });
} else {
  compare(15);
}
