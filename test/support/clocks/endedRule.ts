/** Lets a rule take the only series of another one, and prints what readers get of both. */
import { AggregationTemporality, MeterProvider } from '@opentelemetry/sdk-metrics';
import { sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, RuleMetrics, withRule } from 'rulescope';
import { ManualReader, type Values } from './ManualReader';
import { burn, eachTurn } from './turns';

const USAGE = 'rulescope.rule.cpu.usage';
const ID = 'rulescope.rule.id';

async function main(): Promise<void> {
  const cumulative = new ManualReader();
  const delta = new ManualReader({
    aggregationTemporalitySelector: () => AggregationTemporality.DELTA,
  });
  new RuleInstrumentation();
  const ruleMetrics = new RuleMetrics({
    windowMillis: 300,
    samplingIntervalMicros: 1_009,
    maxActiveSeries: 1,
  });
  ruleMetrics.setMeterProvider(new MeterProvider({ readers: [cumulative, delta] }));
  let windows = 0;
  sharedCollector().addConsumer('c', () => void windows++);

  /** Works in `rule` until a reader sees it, and returns what each reader sees. */
  const work = async (rule: string, millis: number): Promise<[Values, Values]> => {
    for (;;) {
      const before = windows;
      await eachTurn(() => {
        withRule(rule, () => burn(millis));
        burn(20);
        return windows > before;
      });
      const seen = await cumulative.values(USAGE, ID);
      if ((seen[rule] ?? 0) > 0) return [seen, await delta.values(USAGE, ID)];
    }
  };
  const first = await work('small', 1);
  const second = await work('large', 20);
  console.log(JSON.stringify({ first, second }));
  process.exit(0);
}

void main();
