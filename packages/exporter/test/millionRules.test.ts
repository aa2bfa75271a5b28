import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Moment } from '@rulescope/profiler/internal';
import { CloseDurations } from '../src/CloseDurations';
import { ProducedMetrics } from '../src/ProducedMetrics';
import { RuleAccounts } from '../src/RuleAccounts';
import type { RuleShare } from '../src/RuleFigures';
import type { Observed } from '../src/observe';
import { OF_PRODUCER, resolveSeriesOptions } from '../src/options';
import { registerInstruments } from '../src/registerInstruments';
import { TestReader } from './support/TestReader';

const RULES = 1_000_000;
const RULES_PER_WINDOW = 500;
/** The limits are reached long before this number of rules. */
const WARM_UP = RULES / 4;

/** Five metrics of each rule that has or had a series, of all other rules, and the ledger. */
const MAX_POINTS = 5 * (1_000 + 1) + 50;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

function heapMegabytes(): number {
  gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** What is flat: the number of points of a collection, and the heap. */
interface Costs {
  readonly points: number;
  readonly megabytes: number;
}

/** Runs all rules, each in one window, with a collection each minute. Returns the costs of late. */
async function run(
  accounts: RuleAccounts,
  collect: () => Promise<number> | number,
): Promise<[Costs, Costs]> {
  let early: Costs | undefined;
  for (let first = 0; first < RULES; first += RULES_PER_WINDOW) {
    const shares = new Map<string, RuleShare>();
    for (let id = first; id < first + RULES_PER_WINDOW; id++) {
      shares.set(`rule-${id}`, { cpuSeconds: 0.01, hits: 1, standardErrorSeconds: 0.01 });
    }
    accounts.series.update(shares, 1);
    if (first % (12 * RULES_PER_WINDOW) !== 0) continue;
    const points = await collect();
    if (early === undefined && first >= WARM_UP) early = { points, megabytes: heapMegabytes() };
  }
  return [early!, { points: await collect(), megabytes: heapMegabytes() }];
}

/** Returns the moment at which both clocks show `millis`. */
function momentAt(millis: number): Moment {
  return { epochMillis: millis, monotonicMillis: millis };
}

describe('1,000,000 distinct rules', () => {
  function assertFlat([early, late]: [Costs, Costs]): void {
    for (const { points } of [early, late]) assert.ok(points <= MAX_POINTS, `${points} points`);
    // A rule id alone takes more than 40 bytes, so 750,000 that stay would be 30 MB.
    const growth = late.megabytes - early.megabytes;
    assert.ok(growth < 4, `${growth.toFixed(1)} MB more`);
  }

  function observe(options: ReturnType<typeof resolveSeriesOptions>): Observed {
    const { groups } = options;
    const accounts = new RuleAccounts(options, 1);
    return { accounts, groups, droppedWindows: () => new Map<string, number>() };
  }

  it('leave memory and collections flat with instruments', async () => {
    const observed = observe(resolveSeriesOptions({ retireAfterWindows: 5 }));
    const reader = new TestReader();
    const provider = new MeterProvider({ readers: [reader] });
    registerInstruments(provider.getMeter('test'), observed);
    assertFlat(await run(observed.accounts, async () => (await reader.values()).size));
    await provider.shutdown();
  });

  it('leave memory and collections flat with a producer', async () => {
    const observed = observe(resolveSeriesOptions({ retireAfterWindows: 5 }, OF_PRODUCER));
    let now = 0;
    const produced = new ProducedMetrics(observed, new CloseDurations(), momentAt(now));
    const collect = () => {
      const metrics = produced.collect(momentAt((now += 60_000)));
      return metrics.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
    };
    assertFlat(await run(observed.accounts, collect));
  });

  it('leave memory flat with a producer that nothing collects', async () => {
    const observed = observe(resolveSeriesOptions({ retireAfterWindows: 5 }, OF_PRODUCER));
    assertFlat(await run(observed.accounts, () => 0));
  });
});
