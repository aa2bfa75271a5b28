/**
 * `npm run bench:export` measures what the metrics of many live rules cost: CPU per window of 10,000
 * samples and per scrape, heap, and bytes of a scrape, beside prom-client with as many series. The
 * subjects take turns, one process at a time, so that noise of the machine affects all alike.
 *
 *     --node 24           version of Node.js
 *     --rules 10,100      numbers of live rules; default 10 to 100,000
 *     --turns N           processes per subject and number; default 5
 *
 * Ends with exit code 1 if a bound is missed: see {@link missedBounds}.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../nodes';
import { median } from '../statistics';
import { type ExportCosts, measure } from './measure';
import { EXPORT_SUBJECTS, type ExportSubjectName, MAX_INSTRUMENT_RULES } from './subjects';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '24' },
    rules: { type: 'string', default: '10,100,200,1000,10000,100000' },
    turns: { type: 'string', default: '5' },
    run: { type: 'string' },
  },
});

type Results = Map<ExportSubjectName, Map<number, ExportCosts>>;

/** Each rule has five series, so these have 1,000. */
const BOUND_RULES = 200;
/**
 * A scrape of {@link BOUND_RULES} rules from a producer may cost this many times what it costs with
 * prom-client. Instruments have no bound: most of their scrape is work of the SDK.
 */
const MAX_SCRAPE_RATIO = 1.2;
/** Costs may grow this many times as much as the number of rules, for the noise of the machine. */
const MAX_GROWTH = 1.25;

/** Measures one subject in this process and prints the result as JSON. */
async function runHere(name: ExportSubjectName, rules: number): Promise<void> {
  const costs = await measure(name, rules);
  process.stdout.write(JSON.stringify(costs), () => process.exit());
}

function run(numbers: readonly number[]): Results {
  const results: Results = new Map(
    EXPORT_SUBJECTS.map((name) => [name, new Map<number, ExportCosts>()]),
  );
  for (const rules of numbers) {
    const turns = new Map(EXPORT_SUBJECTS.map((name) => [name, [] as ExportCosts[]]));
    for (let turn = 0; turn < Number(options.turns); turn++) {
      for (const name of EXPORT_SUBJECTS) {
        if (name === 'instruments' && rules > MAX_INSTRUMENT_RULES) continue;
        const args = [__filename, '--run', name, '--rules', String(rules)];
        const output = execFileSync(nodeBinary(options.node), args, { encoding: 'utf8' });
        turns.get(name)?.push(JSON.parse(output) as ExportCosts);
        process.stderr.write('.');
      }
    }
    for (const [name, costs] of turns) {
      if (costs.length > 0) results.get(name)?.set(rules, medians(costs));
    }
  }
  return results;
}

function medians(costs: readonly ExportCosts[]): ExportCosts {
  const keys = Object.keys(costs[0] ?? {}) as (keyof ExportCosts)[];
  return Object.fromEntries(
    keys.map((key) => [key, median(costs.map((each) => each[key]))]),
  ) as unknown as ExportCosts;
}

function print(results: Results): void {
  const header = ['subject', 'rules', 'window, ms', '/ pprof', 'scrape, ms', '/ prom-client', 'scrape, us per rule', 'heap, MB', 'scrape, kB']; // prettier-ignore
  console.log(`\nNode.js ${options.node}, medians of ${options.turns} processes\n`);
  console.log(`| ${header.join(' | ')} |\n|${' --- |'.repeat(header.length)}`);
  for (const [name, byRules] of results) {
    for (const [rules, costs] of byRules) {
      const { windowMillis, pprofMillis, scrapeMillis, heapBytes, scrapeBytes } = costs;
      const peer = results.get('prom-client')?.get(rules)?.scrapeMillis ?? NaN;
      const cells = [
        name,
        rules,
        windowMillis.toFixed(2),
        (windowMillis / pprofMillis).toFixed(2),
        scrapeMillis.toFixed(2),
        (scrapeMillis / peer).toFixed(2),
        ((scrapeMillis / rules) * 1e3).toFixed(2),
        (heapBytes / 1e6).toFixed(2),
        (scrapeBytes / 1e3).toFixed(1),
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
}

/** Returns the bounds that the results miss. */
function missedBounds(results: Results): string[] {
  const missed: string[] = [];
  const scrapeOf = (name: ExportSubjectName): number =>
    results.get(name)?.get(BOUND_RULES)?.scrapeMillis ?? NaN;
  const ratio = scrapeOf('producer') / scrapeOf('prom-client');
  if (ratio > MAX_SCRAPE_RATIO) missed.push(`a scrape of ${BOUND_RULES} rules, ${ratio}`);
  const producer = [...(results.get('producer') ?? [])];
  for (const [rules, { windowMillis, pprofMillis }] of producer) {
    if (rules <= 10_000 && windowMillis > pprofMillis) missed.push(`a window of ${rules} rules`);
  }
  producer.slice(1).forEach(([rules, costs], before) => {
    const [fewer, earlier] = producer[before] ?? [rules, costs];
    for (const key of ['windowMillis', 'scrapeMillis', 'heapBytes'] as const) {
      const growth = costs[key] / earlier[key] / (rules / fewer);
      if (growth > MAX_GROWTH) missed.push(`${key} from ${fewer} to ${rules} rules, ${growth} x`);
    }
  });
  return missed;
}

if (options.run !== undefined) {
  runHere(options.run as ExportSubjectName, Number(options.rules)).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
} else {
  const results = run(options.rules.split(',').map(Number));
  print(results);
  const missed = missedBounds(results);
  for (const bound of missed) console.log(`MISSED: ${bound}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}
