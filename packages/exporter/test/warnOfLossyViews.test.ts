import assert from 'node:assert/strict';
import {
  MeterProvider,
  type ViewOptions,
  createAllowListAttributesProcessor,
  createDenyListAttributesProcessor,
} from '@opentelemetry/sdk-metrics';
import { type RuleMetricsConfig, resolveSeriesOptions } from '../src/options';
import { warnOfLossyViews } from '../src/warnOfLossyViews';

/** Returns the warnings about a provider with `view`. */
function warningsOf(view: ViewOptions, config: RuleMetricsConfig = {}): string[] {
  const warnings: string[] = [];
  const provider = new MeterProvider({ views: [view] });
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

  it('if it allows fewer series than there can be at a time', () => {
    const limited = { instrumentName: USAGE, aggregationCardinalityLimit: 12 };
    assert.match(warningsOf(limited, { maxActiveSeries: 11 })[0]!, /limits its series to 12, and/);
    assert.deepEqual(warningsOf(limited, { maxActiveSeries: 10 }), []);
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
