/**
 * `npm run bench:labels` measures what entering a rule costs. Each measurement has its own process.
 * The variants take turns (HTTP services: every 400 requests), so that noise of the machine affects
 * all of them alike. The tables show medians of the process CPU per operation, garbage collection
 * included, and of its ratio to OpenTelemetry's context alone in the same turn, with quartiles.
 *
 *     --node 20,24        versions of Node.js; default 20, 24 and 26
 *     --workload a,b      default all: change, same, span, request, traced, pipeline, await,
 *                         http, http-in-one, http-entry
 *     --variant a,b       default all; OpenTelemetry alone always runs
 *     --turns N           default 15
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../nodes';
import { median, quantile } from '../statistics';
import { compareHttp, timeHttp } from './compareHttp';
import { serveHttp } from './serveHttp';
import {
  BASELINE,
  VARIANTS,
  type VariantName,
  createPair,
  createVariant,
  timeEntries,
} from './variants';
import { WORKLOADS } from './workloads';

/** Each variant has its own service. */
const HTTP = 'http';
/** One service runs two variants, because two processes can differ by more than variants do. */
const HTTP_IN_ONE = 'http-in-one';
/** A service times its own rule entries. */
const HTTP_ENTRY = 'http-entry';
const WORKLOAD_NAMES = [...Object.keys(WORKLOADS), HTTP, HTTP_IN_ONE, HTTP_ENTRY];
/** The variants that can share a process. A sampler would sample both. */
const IN_ONE_VARIANTS: readonly VariantName[] = [BASELINE, 'otel + rulescope labels'];

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '20,24,26' },
    workload: { type: 'string', default: WORKLOAD_NAMES.join() },
    variant: { type: 'string', default: VARIANTS.join() },
    turns: { type: 'string', default: '15' },
    run: { type: 'string' },
  },
});

function workload(name: string): (typeof WORKLOADS)[string] {
  const found = WORKLOADS[name];
  if (found === undefined) {
    throw new RangeError(`--workload must be one of ${WORKLOAD_NAMES.join(', ')}; got ${name}`);
  }
  return found;
}

/** Returns what one operation is, how to measure it, and which of `variants` can take part. */
function plan(
  name: string,
  variants: readonly VariantName[],
): { operation: string; take: Turn; variants: readonly VariantName[] } {
  const operation = 'a request of about 150 microseconds';
  if (name === HTTP) return { operation, take: httpTurn, variants };
  if (name === HTTP_IN_ONE) {
    const both = variants.filter((each) => IN_ONE_VARIANTS.includes(each));
    return { operation, take: httpInOneTurn, variants: both };
  }
  if (name === HTTP_ENTRY) {
    const take = turnOf(name, timeHttp);
    return { operation: 'entering a rule in a request', take, variants };
  }
  return { operation: workload(name).operation, take: turnOf(name, runToEnd), variants };
}

/** Runs one measurement in this process, or a service that the parent process measures. */
async function runHere(name: string): Promise<void> {
  if (options.workload === HTTP) {
    // The service runs long enough for windows of the default length.
    return serveHttp([await createVariant(name as VariantName, 5_000)]);
  }
  if (options.workload === HTTP_ENTRY) {
    return serveHttp([timeEntries(await createVariant(name as VariantName, 5_000))]);
  }
  if (options.workload === HTTP_IN_ONE) return serveHttp(await createPair(name as VariantName));
  const nanos = await workload(options.workload).run(await createVariant(name as VariantName));
  process.stdout.write(String(nanos), () => process.exit());
}

/** Nanoseconds per operation in one turn: of a variant and of OpenTelemetry alone. */
interface Measured {
  readonly nanos: number;
  readonly baseline: number;
}

type Turn = (
  node: string,
  variants: readonly VariantName[],
  number: number,
) => Promise<Map<VariantName, Measured>>;

/** Runs a process until it ends. @returns the nanoseconds per operation that it prints. */
function runToEnd(node: string, args: readonly string[]): number {
  return Number(execFileSync(nodeBinary(node), args, { encoding: 'utf8' }));
}

/** Returns a turn in which `measure` measures each variant in its own process. */
function turnOf(
  name: string,
  measure: (node: string, args: readonly string[]) => number | Promise<number>,
): Turn {
  return async (node, variants) => {
    const measured: number[] = [];
    for (const variant of variants) {
      const args = [__filename, '--run', variant, '--workload', name];
      measured.push(await measure(node, args));
    }
    const baseline = measured[variants.indexOf(BASELINE)] ?? NaN;
    const entry = (variant: VariantName, i: number): [VariantName, Measured] => [
      variant,
      { nanos: measured[i] ?? NaN, baseline },
    ];
    return new Map(variants.map(entry));
  };
}

/**
 * Compares the service of each variant with a service that has OpenTelemetry alone, requests in
 * turn. OpenTelemetry alone is also compared with itself, which shows the noise.
 */
const httpTurn: Turn = async (node, variants, number) => {
  const service = (variant: VariantName) => ({
    args: [__filename, '--run', variant, '--workload', HTTP],
    variants: [0],
  });
  const turn = new Map<VariantName, Measured>();
  for (const variant of variants) {
    const pair = [service(variant), service(BASELINE)];
    // The place in the pair matters by one or two percent, so the services swap places.
    const swap = number % 2 === 1;
    const measured = await compareHttp(node, swap ? pair.toReversed() : pair);
    const [nanos = NaN, baseline = NaN] = swap ? measured.toReversed() : measured;
    turn.set(variant, { nanos, baseline });
  }
  return turn;
};

/**
 * Compares each variant with OpenTelemetry alone in one service, requests in turn. Runs the service
 * twice, once per order: V8 compiles code for the variant that comes first, and the second one pays
 * up to 5 % for that.
 */
const httpInOneTurn: Turn = async (node, variants) => {
  const turn = new Map<VariantName, Measured>();
  for (const variant of variants) {
    const args = [__filename, '--run', variant, '--workload', HTTP_IN_ONE];
    const [baseline = NaN, nanos = NaN] = await compareHttp(node, [{ args, variants: [0, 1] }]);
    const [nanos2 = NaN, baseline2 = NaN] = await compareHttp(node, [{ args, variants: [1, 0] }]);
    turn.set(variant, { nanos: (nanos + nanos2) / 2, baseline: (baseline + baseline2) / 2 });
  }
  return turn;
};

async function compare(node: string, name: string): Promise<void> {
  const chosen = options.variant.split(',');
  const unknown = chosen.find((each) => !VARIANTS.some((variant) => variant === each));
  if (unknown !== undefined) {
    throw new RangeError(`--variant must be one of ${VARIANTS.join(', ')}; got ${unknown}`);
  }
  const wanted = VARIANTS.filter((each) => each === BASELINE || chosen.includes(each));
  const { operation, take, variants } = plan(name, wanted);
  const turns: Map<VariantName, Measured>[] = [];
  for (let turn = 0; turn < Number(options.turns); turn++) {
    // The order rotates, so that no variant always comes first.
    turns.push(await take(node, rotated(variants, turn), turn));
  }
  console.log(`\nNode.js ${node}, ${name}: ${operation}; ${options.turns} turns\n`);
  console.log('| variant | ns per operation | more than otel, ns | ratio to otel | quartiles |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const variant of variants) {
    const measured = turns.flatMap((turn) => turn.get(variant) ?? []);
    const nanos = median(measured.map((each) => each.nanos));
    const more = median(measured.map((each) => each.nanos - each.baseline));
    const ratios = measured.map((each) => each.nanos / each.baseline);
    const quartiles = [0.25, 0.75].map((q) => quantile(ratios, q).toFixed(3)).join(' to ');
    console.log(
      `| ${variant} | ${nanos.toFixed(0)} | ${more.toFixed(0)} | ${median(ratios).toFixed(3)} | ${quartiles} |`,
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
    for (const name of options.workload.split(',')) await compare(node, name);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
