import assert from 'node:assert/strict';
import { AggregationTemporality, MeterProvider } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import type { Moment } from '@rulescope/profiler/internal';
import { CloseDurations } from '../src/CloseDurations';
import { ProducedMetrics } from '../src/ProducedMetrics';
import { RuleAccounts } from '../src/RuleAccounts';
import { SeriesLabels } from '../src/SeriesLabels';
import { resolveGroups } from '../src/groups';
import type { Observed } from '../src/observe';
import { registerInstruments } from '../src/registerInstruments';
import { METRIC_RULE_CPU_SAMPLES, METRIC_RULE_CPU_TIME, METRIC_RULE_CPU_VARIANCE } from '../src/semconv'; // prettier-ignore
import { TestReader } from './support/TestReader';
import { assertClose } from './support/assertClose';
import { optionsOf } from './support/optionsOf';
import { windowOf } from './support/windowOf';

/** Rules compete for two places, are forgotten and return. */
const LIMITS = { maxActiveSeries: 2, maxLifetimeSeries: 4, retireAfterWindows: 2 };
const COUNTERS = [METRIC_RULE_CPU_TIME, METRIC_RULE_CPU_SAMPLES, METRIC_RULE_CPU_VARIANCE];

const shares = fc.dictionary(
  fc.constantFrom(...Array.from({ length: 9 }, (_, i) => `r${i}`)),
  fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 50, max: 400 })),
  { maxKeys: 5 },
);

/** A window of our own thread (0) or of a worker, the end of sampling, or a collection. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ rules: shares, threadId: fc.constantFrom(0, 0, 0, 1, 2), durationMillis: fc.constantFrom(100, 1_000, 3_000) }) }, // prettier-ignore
  { weight: 1, arbitrary: fc.constant('stop' as const) },
  { weight: 3, arbitrary: fc.record({ reader: fc.nat(3), afterMillis: fc.nat(119_000) }) },
);
const historyOf = (maxLength: number) => fc.array(event, { minLength: 1, maxLength, size: 'max' });
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** Plays a history. Returns the accounts and the hits of all rules. */
class Play {
  readonly accounts = new RuleAccounts(optionsOf(LIMITS, new SeriesLabels()), 1);
  readonly observed: Observed = {
    accounts: this.accounts,
    groups: resolveGroups('metrics'),
    droppedWindows: () => new Map<string, number>(),
  };
  private startMillis = 0;
  hits = 0;

  /** Returns the event if it is a collection. */
  step(next: Event): { readonly reader: number; readonly afterMillis: number } | undefined {
    if (next === 'stop') this.accounts.samplingStopped();
    else if ('reader' in next) return next;
    else {
      this.accounts.add(windowOf({ ...next, startMillis: (this.startMillis += 1_000) }));
      for (const count of Object.values(next.rules)) this.hits += count;
    }
    return undefined;
  }
}

/** What a backend has of the counters: the sum of all increases, by metric. */
class Backend {
  private readonly last = new Map<string, number>();
  private readonly totals = new Map<string, number>();

  /** Adds a point of a cumulative counter. `key` names the series and its start. */
  cumulative(metric: string, key: string, value: number): void {
    const before = this.last.get(key) ?? 0;
    assert.ok(value >= before, `${key} fell from ${before} to ${value}`);
    this.last.set(key, value);
    this.delta(metric, key, value - before);
  }

  delta(metric: string, key: string, value: number): void {
    assert.ok(value >= 0, `${key} fell by ${-value}`);
    this.totals.set(metric, (this.totals.get(metric) ?? 0) + value);
  }

  /** Asserts that nothing is lost and nothing counts twice. */
  assertHas({ hits, accounts }: Play): void {
    assert.equal(this.totals.get(METRIC_RULE_CPU_SAMPLES) ?? 0, hits);
    const seconds = accounts.ledger.cpuSeconds('rule');
    assertClose(seconds, hits / 100, 1e-6);
    assertClose(this.totals.get(METRIC_RULE_CPU_TIME) ?? 0, seconds, 1e-6);
  }
}

/** Returns the moment at which both clocks show `millis`. */
function momentAt(millis: number): Moment {
  return { epochMillis: millis, monotonicMillis: millis };
}

describe('any history of rules', () => {
  it('with instruments: no counter falls, and all series sum to all rules, for all readers', async () => {
    const { CUMULATIVE, DELTA } = AggregationTemporality;
    await fc.assert(
      fc.asyncProperty(historyOf(60), async (events) => {
        const play = new Play();
        const readers = [CUMULATIVE, DELTA, CUMULATIVE, DELTA].map((temporality) => ({
          temporality,
          reader: new TestReader(temporality),
          backend: new Backend(),
        }));
        const provider = new MeterProvider({ readers: readers.map(({ reader }) => reader) });
        registerInstruments(provider.getMeter('test'), play.observed);
        const collect = async ({ temporality, reader, backend }: (typeof readers)[number]) => {
          for (const [key, value] of await reader.values()) {
            const metric = COUNTERS.find((name) => key.startsWith(`${name}{`));
            if (metric === undefined) continue;
            if (temporality === DELTA) backend.delta(metric, key, value);
            else backend.cumulative(metric, key, value);
          }
        };
        for (const next of events) {
          const collection = play.step(next);
          if (collection !== undefined) await collect(readers[collection.reader]!);
        }
        for (const each of readers) {
          await collect(each);
          each.backend.assertHas(play);
        }
        await provider.shutdown();
      }),
      { numRuns: 150, seed: 14 },
    );
  });

  it('with a producer: the same, with the starts of series, for readers that share it', () => {
    let forgotten = 0;
    fc.assert(
      fc.property(historyOf(300), (events) => {
        const play = new Play();
        let now = 1_700_000_000_000;
        const produced = new ProducedMetrics(play.observed, new CloseDurations(), momentAt(now));
        const backends = Array.from({ length: 4 }, () => new Backend());
        /** The series that a backend has seen, with the newest start of each. */
        const starts = new Map<string, number>();
        const collect = (backend: Backend): void => {
          for (const { descriptor, dataPoints } of produced.collect(momentAt(now))) {
            if (!COUNTERS.includes(descriptor.name)) continue;
            for (const { attributes, value, startTime, endTime } of dataPoints) {
              const series = `${descriptor.name} ${JSON.stringify(attributes)}`;
              const start = startTime[0] * 1e3 + startTime[1] / 1e6;
              assert.ok(start <= endTime[0] * 1e3 + endTime[1] / 1e6);
              assert.ok(start >= (starts.get(series) ?? 0), `${series} starts earlier than before`);
              if (start > (starts.get(series) ?? Infinity)) forgotten++;
              starts.set(series, start);
              backend.cumulative(descriptor.name, `${series} since ${start}`, value as number);
            }
          }
        };
        for (const next of events) {
          const collection = play.step(next);
          if (collection === undefined) continue;
          now += collection.afterMillis;
          // Each reader collects at least once in two minutes, and one of them more often.
          for (const backend of backends) collect(backend);
          play.accounts.add(windowOf());
          collect(backends[collection.reader]!);
        }
        for (const backend of backends) {
          collect(backend);
          backend.assertHas(play);
        }
      }),
      { numRuns: 60, seed: 14 },
    );
    assert.ok(forgotten > 0, 'no rule returned after it was forgotten');
  });
});
