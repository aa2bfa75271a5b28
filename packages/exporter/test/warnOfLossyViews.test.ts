import assert from 'node:assert/strict';
import {
  MeterProvider,
  type ViewOptions,
  createAllowListAttributesProcessor,
  createDenyListAttributesProcessor,
} from '@opentelemetry/sdk-metrics';
import { type RuleMetricsConfig, resolveSeriesOptions } from '../src/options';
import { warnOfLossyViews } from '../src/warnOfLossyViews';
import { TestReader } from './support/TestReader';

/** Returns the warnings about a provider with `view` and `readers`. */
function warningsOf(
  view: ViewOptions | [],
  config: RuleMetricsConfig = {},
  readers: TestReader[] = [],
): string[] {
  const warnings: string[] = [];
  const provider = new MeterProvider({ views: [view].flat(), readers });
  warnOfLossyViews(provider, resolveSeriesOptions(config), (text, code) => {
    warnings.push(`${code}: ${text}`);
  });
  return warnings;
}

const USAGE = 'rulescope.rule.cpu.usage';
const drops = (key: string): ViewOptions['attributesProcessors'] => [
  createDenyListAttributesProcessor([key]),
];

describe('a View is named', () => {
  it('if it drops the rule', () => {
    const [warning, ...others] = warningsOf({
      instrumentName: 'rulescope.rule.*',
      attributesProcessors: [createAllowListAttributesProcessor(['region'])],
    });
    assert.match(warning!, /^RULESCOPE_LOSSY_VIEW: .*rule\.cpu\.time drops rulescope\.rule\.id\. /);
    assert.deepEqual(others, []);
  });

  it('if it drops another label of the series', () => {
    const view = { instrumentName: USAGE, attributesProcessors: drops('tenant')! };
    const [warning] = warningsOf(view, { labels: ['rule', 'tenant'] });
    assert.match(warning!, /a View of rulescope\.rule\.cpu\.usage drops tenant\. /);
  });

  it('if it allows fewer series than there can be in the life of the process', () => {
    const limited = { instrumentName: USAGE, aggregationCardinalityLimit: 12 };
    const tooMany = { maxActiveSeries: 10, maxLifetimeSeries: 11 };
    assert.match(
      warningsOf(limited, tooMany)[0]!,
      /a View limits the series of rulescope\.rule\.cpu\.usage to 12, and maxLifetimeSeries needs 13\./,
    );
    assert.deepEqual(warningsOf(limited, { ...tooMany, maxLifetimeSeries: 10 }), []);
  });

  it('if it drops or limits the series of functions, and the group is on', () => {
    const on = { metrics: { functions: true }, maxActiveSeries: 2, maxLifetimeSeries: 2 };
    const instrumentName = 'rulescope.rule.function.*';
    for (const key of ['rulescope.rule.id', 'code.file.path']) {
      const view = { instrumentName, attributesProcessors: drops(key)! };
      assert.match(warningsOf(view, on)[0]!, new RegExp(`function\\.cpu\\.time drops ${key}\\. `));
      assert.deepEqual(warningsOf(view), []);
    }
    const limited = (limit: number): string[] =>
      warningsOf({ instrumentName, aggregationCardinalityLimit: limit }, on);
    assert.match(limited(20)[0]!, /to 20, and functionsPerRule needs 21\./);
    assert.deepEqual(limited(21), []);
  });

  it('if it drops the source of the ledger', () => {
    const instrumentName = 'rulescope.process.cpu.time';
    const view = { instrumentName, attributesProcessors: drops('rulescope.cpu.source')! };
    assert.match(warningsOf(view)[0]!, /process\.cpu\.time drops rulescope\.cpu\.source\. /);
    const limited = (limit: number) => ({ instrumentName, aggregationCardinalityLimit: limit });
    assert.match(warningsOf(limited(5))[0]!, /to 5, and the ledger needs 6\./);
    assert.deepEqual(warningsOf(limited(6)), []);
  });
});

describe('a reader is named', () => {
  it('if it allows fewer series and no View says otherwise', () => {
    const reader = () => new TestReader(undefined, { cardinalitySelector: () => 50 });
    assert.match(
      warningsOf([], {}, [reader()])[0]!,
      /a reader limits the series of rulescope\.rule\.cpu\.time to 50, and maxLifetimeSeries needs 1002\./,
    );
    const all = { instrumentName: '*', aggregationCardinalityLimit: 1_002 };
    assert.deepEqual(warningsOf(all, {}, [reader()]), []);
    assert.deepEqual(warningsOf([], { maxLifetimeSeries: 1_900 }, [new TestReader()]), []);
  });
});

describe('no View is named', () => {
  it('if it changes no series of rules', () => {
    const processors = { attributesProcessors: drops('rulescope.rule.id')! };
    assert.deepEqual(warningsOf({ instrumentName: USAGE, name: 'usage' }), []);
    assert.deepEqual(warningsOf({ instrumentName: USAGE, attributesProcessors: drops('x')! }), []);
    assert.deepEqual(warningsOf({ instrumentName: 'http.*', ...processors }), []);
    assert.deepEqual(warningsOf({ instrumentName: '*', meterName: 'http', ...processors }), []);
    const off = { metrics: { rule: false } };
    assert.deepEqual(warningsOf({ instrumentName: USAGE, ...processors }, off), []);
  });

  it('if the SDK does not show its Views', () => {
    const hidden = { _sharedState: { viewRegistry: {} } };
    for (const provider of [{}, hidden]) {
      warnOfLossyViews(provider, resolveSeriesOptions({}), (text) => assert.fail(text));
    }
  });
});
