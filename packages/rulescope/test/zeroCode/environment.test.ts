import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VARIABLES, readEnvironment } from '../../src/zeroCode/environment';

const ADAPTERS = ['express', 'jsonRulesEngine', 'pg'];

/** Returns the settings for some variables. */
const read = (variables: Record<string, string> = {}): ReturnType<typeof readEnvironment> =>
  readEnvironment(variables, ADAPTERS);

describe('readEnvironment', () => {
  it('has the defaults without variables, and for empty ones', () => {
    const defaults = {
      enabled: true,
      instrumentation: { propagate: false, spanLabels: false },
      metrics: {},
      adapters: {},
      host: 'localhost',
      port: 9464,
      unknown: [],
    };
    assert.deepEqual(read(), defaults);
    assert.deepEqual(read(Object.fromEntries(VARIABLES.map((name) => [name, ' ']))), defaults);
  });

  it('sets every option', () => {
    assert.deepEqual(
      read({
        RULESCOPE_ENABLED: 'FALSE',
        RULESCOPE_ADAPTERS: 'express, pg',
        RULESCOPE_PROPAGATE: 'true',
        RULESCOPE_SPAN_LABELS: 'true',
        RULESCOPE_METRICS_HOST: '0.0.0.0',
        RULESCOPE_METRICS_PORT: '0',
        RULESCOPE_WINDOW_MILLIS: '1000',
        RULESCOPE_PERIOD_MILLIS: '2000',
        RULESCOPE_SAMPLING_INTERVAL_MICROS: '5000',
        RULESCOPE_FAIR_SAMPLING: 'false',
        RULESCOPE_LABELS: 'rule, tenant',
        RULESCOPE_METRICS: 'rule,functions',
        RULESCOPE_FUNCTIONS_PER_RULE: '7',
        RULESCOPE_MAX_ACTIVE_SERIES: '50',
        RULESCOPE_MAX_LIFETIME_SERIES: '500',
        RULESCOPE_RETIRE_AFTER_WINDOWS: '9',
      }),
      {
        enabled: false,
        instrumentation: { propagate: true, spanLabels: true },
        metrics: {
          windowMillis: 1_000,
          periodMillis: 2_000,
          samplingIntervalMicros: 5_000,
          fairSampling: false,
          labels: ['rule', 'tenant'],
          metrics: { rule: true, process: false, profiler: false, functions: true },
          functionsPerRule: 7,
          maxActiveSeries: 50,
          maxLifetimeSeries: 500,
          retireAfterWindows: 9,
        },
        adapters: { jsonRulesEngine: false },
        host: '0.0.0.0',
        port: 0,
        unknown: [],
      },
    );
  });

  it('takes the address of OpenTelemetry if there is none of our own', () => {
    const ofOtel = { OTEL_EXPORTER_PROMETHEUS_HOST: '::', OTEL_EXPORTER_PROMETHEUS_PORT: '8080' };
    const { host, port } = read(ofOtel);
    assert.deepEqual([host, port], ['::', 8080]);
    assert.equal(read({ ...ofOtel, RULESCOPE_METRICS_PORT: '9465' }).port, 9465);
  });

  it('leaves out the adapters with a minus, or all', () => {
    assert.deepEqual(read({ RULESCOPE_ADAPTERS: '-pg,-express' }).adapters, {
      pg: false,
      express: false,
    });
    assert.equal(read({ RULESCOPE_ADAPTERS: 'none' }).adapters, false);
  });

  it('does not check the names of adapters that are not installed', () => {
    assert.deepEqual(readEnvironment({ RULESCOPE_ADAPTERS: 'pg' }, undefined).adapters, {});
    assert.equal(readEnvironment({ RULESCOPE_ADAPTERS: 'none' }, undefined).adapters, false);
  });

  const WRONG: [name: string, text: string, message: string][] = [
    ['RULESCOPE_ENABLED', '1', 'must be true or false; got "1"'],
    ['RULESCOPE_FAIR_SAMPLING', 'no', 'must be true or false; got "no"'],
    ['RULESCOPE_WINDOW_MILLIS', '5s', 'must be an integer from 100 to 600000; got "5s"'],
    ['RULESCOPE_WINDOW_MILLIS', '99', 'must be an integer from 100 to 600000; got 99'],
    ['RULESCOPE_PERIOD_MILLIS', '100', 'must be an integer from 5000 to 3600000; got 100'],
    [
      'RULESCOPE_SAMPLING_INTERVAL_MICROS',
      '-1',
      'must be an integer from 500 to 1000000; got "-1"',
    ],
    ['RULESCOPE_FUNCTIONS_PER_RULE', '1e1', 'must be an integer from 1 to 50; got "1e1"'],
    ['RULESCOPE_MAX_ACTIVE_SERIES', '0', 'must be an integer from 1 to 1000; got 0'],
    ['RULESCOPE_MAX_LIFETIME_SERIES', '99', 'must be an integer from 100 to 1900; got 99'],
    ['RULESCOPE_RETIRE_AFTER_WINDOWS', '1.5', 'must be an integer from 1 to 100000; got "1.5"'],
    ['RULESCOPE_METRICS_PORT', '65536', 'must be an integer from 0 to 65535; got 65536'],
    ['OTEL_EXPORTER_PROMETHEUS_PORT', 'http', 'must be an integer from 0 to 65535; got "http"'],
    [
      'RULESCOPE_METRICS',
      'rules',
      'must be a list of rule, process, profiler, functions; got "rules"',
    ],
    [
      'RULESCOPE_ADAPTERS',
      'redis',
      'must be none, or a list of express, jsonRulesEngine, pg, with a minus before each or before ' +
        'none; got "redis"',
    ],
    [
      'RULESCOPE_ADAPTERS',
      'pg,-express',
      'must be none, or a list of express, jsonRulesEngine, pg, with a minus before each or before ' +
        'none; got "pg,-express"',
    ],
  ];
  for (const [name, text, message] of WRONG) {
    it(`refuses ${name}=${text}`, () => {
      const error = { name: 'InvalidOptionError', message: `${name} ${message}` };
      assert.throws(() => read({ [name]: text }), error);
    });
  }

  it('names the label that it refuses', () => {
    const message = /^RULESCOPE_LABELS\[1\] must be a string .*; got "7"$/;
    assert.throws(() => read({ RULESCOPE_LABELS: 'rule,7' }), { message });
  });

  it('tells unknown variables and the nearest known ones', () => {
    assert.deepEqual(read({ RULESCOPE_WINDOWS_MILI: '1', RULESCOPE: '1', RULE: '1' }).unknown, [
      { name: 'RULESCOPE_WINDOWS_MILI', nearest: 'RULESCOPE_WINDOW_MILLIS' },
    ]);
  });

  it('knows the variables that the README lists', () => {
    const readme = readFileSync(join(__dirname, '../../../README.md'), 'utf8');
    const listed = [...readme.matchAll(/^\| `(RULESCOPE_\w+)`/gm)].map(([, name]) => name);
    assert.deepEqual(listed.sort(), [...VARIABLES].sort());
  });
});
