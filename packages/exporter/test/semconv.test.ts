import assert from 'node:assert/strict';
import * as semconv from '../src/semconv';

const metrics = Object.entries(semconv).filter(([key]) => key.startsWith('METRIC_'));
const attributes = Object.entries(semconv).filter(([key]) => key.startsWith('ATTR_'));

describe('semconv', () => {
  it('holds the documented names, on which dashboards depend', () => {
    assert.deepEqual(Object.fromEntries(metrics), {
      METRIC_RULE_CPU_TIME: 'rulescope.rule.cpu.time',
      METRIC_RULE_CPU_USAGE: 'rulescope.rule.cpu.usage',
      METRIC_RULE_CPU_SAMPLES: 'rulescope.rule.cpu.samples',
      METRIC_RULE_CPU_VARIANCE: 'rulescope.rule.cpu.variance',
      METRIC_RULE_CPU_STANDARD_ERROR: 'rulescope.rule.cpu.standard_error',
      METRIC_RULE_FUNCTION_CPU_TIME: 'rulescope.rule.function.cpu.time',
      METRIC_RULE_FUNCTION_CPU_CUMULATIVE_TIME: 'rulescope.rule.function.cpu.cumulative_time',
      METRIC_PROCESS_CPU_TIME: 'rulescope.process.cpu.time',
      METRIC_PROCESS_CPU_USAGE: 'rulescope.process.cpu.usage',
      METRIC_WINDOWS: 'rulescope.windows',
      METRIC_SAMPLER_QUALITY: 'rulescope.sampler.quality',
      METRIC_SAMPLER_INFO: 'rulescope.sampler.info',
      METRIC_WINDOW_CLOSE_DURATION: 'rulescope.window.close.duration',
      METRIC_CONSUMER_DROPPED_WINDOWS: 'rulescope.consumer.dropped_windows',
    });
    assert.deepEqual(Object.fromEntries(attributes), {
      ATTR_RULE_ID: 'rulescope.rule.id',
      ATTR_RULE_OTHER: 'rulescope.rule.other',
      ATTR_CODE_FUNCTION_NAME: 'code.function.name',
      ATTR_CODE_FILE_PATH: 'code.file.path',
      ATTR_CODE_LINE_NUMBER: 'code.line.number',
      ATTR_CPU_SOURCE: 'rulescope.cpu.source',
      ATTR_WINDOW_OUTCOME: 'rulescope.window.outcome',
      ATTR_WINDOW_CONTENDED: 'rulescope.window.contended',
      ATTR_SAMPLER_FAIR: 'rulescope.sampler.fair',
      ATTR_SAMPLER_SLICE: 'rulescope.sampler.slice',
      ATTR_SAMPLER_CONTEXT: 'rulescope.sampler.context',
      ATTR_CONSUMER_NAME: 'rulescope.consumer.name',
    });
  });

  it('has a Prometheus name of its own for each metric and each attribute', () => {
    for (const names of [metrics, attributes]) {
      const prometheus = names.map(([, name]) => name.replace(/[^a-z0-9]+/g, '_'));
      assert.equal(new Set(prometheus).size, names.length);
    }
  });
});
