import assert from 'node:assert/strict';
import * as semconv from '../src/semconv';

const metrics = Object.entries(semconv).filter(([key]) => key.startsWith('METRIC_'));
const attributes = Object.entries(semconv).filter(([key]) => key.startsWith('ATTR_'));

describe('semconv', () => {
  it('holds the documented names: changing one breaks dashboards', () => {
    assert.deepEqual(Object.fromEntries(metrics), {
      METRIC_RULE_CPU_TIME: 'rule.cpu.time',
      METRIC_RULE_CPU_UTILIZATION: 'rule.cpu.utilization',
      METRIC_RULE_CPU_SAMPLES: 'rule.cpu.samples',
      METRIC_RULE_CPU_VARIANCE: 'rulescope.rule.cpu.variance',
      METRIC_RULE_CPU_STANDARD_ERROR: 'rulescope.rule.cpu.standard_error',
      METRIC_CPU_TIME: 'rulescope.cpu.time',
      METRIC_CPU_UTILIZATION: 'rulescope.cpu.utilization',
      METRIC_WINDOWS: 'rulescope.windows',
      METRIC_SAMPLER_QUALITY: 'rulescope.sampler.quality',
      METRIC_SAMPLER_INFO: 'rulescope.sampler.info',
      METRIC_PAUSE: 'rulescope.pause',
      METRIC_CONSUMER_DROPPED: 'rulescope.consumer.dropped',
    });
    assert.deepEqual(Object.fromEntries(attributes), {
      ATTR_RULE_ID: 'rule.id',
      ATTR_OTHER: 'rulescope.other',
      ATTR_CPU_SOURCE: 'rulescope.cpu.source',
      ATTR_WINDOW_OUTCOME: 'rulescope.window.outcome',
      ATTR_WINDOW_CONTENDED: 'rulescope.window.contended',
      ATTR_SAMPLER_FAIR: 'rulescope.sampler.fair',
      ATTR_SAMPLER_SLICE: 'rulescope.sampler.slice',
      ATTR_SAMPLER_CONTEXT: 'rulescope.sampler.context',
      ATTR_CONSUMER: 'rulescope.consumer',
    });
  });

  it('gives no two things the Prometheus name of one', () => {
    for (const names of [metrics, attributes]) {
      const prometheus = names.map(([, name]) => name.replace(/[^a-z0-9]+/g, '_'));
      assert.equal(new Set(prometheus).size, names.length);
    }
  });
});
