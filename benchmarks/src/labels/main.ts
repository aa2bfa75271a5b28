/**
 * `npm run bench:labels`: what entering a rule costs. Each measurement has a process of its own; the variants take turns, so
 * that a noisy machine disturbs all alike. Printed are medians of process CPU per operation, garbage collection
 * included, and of the ratio to OpenTelemetry's context alone in the same turn, with its quartiles.
 *
 *     --node 20,24        versions of Node.js; default 20, 24 and 26
 *     --workload a,b      default all: change, same, span, request, pipeline, await, http
 *     --variant a,b       default all; OpenTelemetry alone is always there
 *     --turns N           default 15
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../nodes';
import { median, quantile } from '../statistics';
import { BASELINE, VARIANTS, type VariantName, createVariant } from './variants';
import { WORKLOADS } from './workloads';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '20,24,26' },
    workload: { type: 'string', default: Object.keys(WORKLOADS).join() },
    variant: { type: 'string', default: VARIANTS.join() },
    turns: { type: 'string', default: '15' },
    run: { type: 'string' },
  },
});

function workload(name: string): (typeof WORKLOADS)[string] {
  const found = WORKLOADS[name];
  if (found === undefined) {
    throw new RangeError(`--workload must be of ${Object.keys(WORKLOADS).join(', ')}, got ${name}`);
  }
  return found;
}

/** In a process of its own: one measurement. */
async function runHere(name: string): Promise<void> {
  const { run, windowMillis } = workload(options.workload);
  const nanos = await run(await createVariant(name as VariantName, windowMillis));
  process.stdout.write(String(nanos), () => process.exit());
}

function compare(node: string, name: string): void {
  const chosen = options.variant.split(',');
  const unknown = chosen.find((each) => !VARIANTS.some((variant) => variant === each));
  if (unknown !== undefined) {
    throw new RangeError(`--variant must be of ${VARIANTS.join(', ')}, got ${unknown}`);
  }
  const variants = VARIANTS.filter((each) => each === BASELINE || chosen.includes(each));
  const results = new Map<VariantName, number[]>(variants.map((variant) => [variant, []]));
  for (let turn = 0; turn < Number(options.turns); turn++) {
    // Nobody always comes first, or behind the same one.
    for (const variant of rotated(variants, turn)) {
      const args = [__filename, '--run', variant, '--workload', name];
      results
        .get(variant)
        ?.push(Number(execFileSync(nodeBinary(node), args, { encoding: 'utf8' })));
    }
  }
  const baseline = results.get(BASELINE) ?? [];
  console.log(`\nNode.js ${node}, ${name}: ${workload(name).operation}; ${options.turns} turns\n`);
  console.log('| variant | ns of CPU | more than otel, ns | / otel | quartiles |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [variant, values] of results) {
    const ratios = values.map((value, turn) => value / (baseline[turn] ?? NaN));
    const more = median(values.map((value, turn) => value - (baseline[turn] ?? NaN)));
    const quartiles = [0.25, 0.75].map((q) => quantile(ratios, q).toFixed(3)).join(' to ');
    console.log(
      `| ${variant} | ${median(values).toFixed(0)} | ${more.toFixed(0)} | ${median(ratios).toFixed(3)} | ${quartiles} |`,
    );
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

async function main(): Promise<void> {
  if (options.run !== undefined) return runHere(options.run);
  for (const node of options.node.split(',')) {
    for (const name of options.workload.split(',')) compare(node, name);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
