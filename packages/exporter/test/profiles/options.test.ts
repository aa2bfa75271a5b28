import assert from 'node:assert/strict';
import { type RuleProfileExporterOptions, resolveOptions } from '../../src/profiles/options';

const unexpected = (message: string): never => assert.fail(message);

function message(options: object): string {
  try {
    resolveOptions(options, {}, unexpected);
  } catch (error) {
    assert.equal((error as Error).name, 'InvalidOptionError');
    return (error as Error).message;
  }
  return assert.fail('nothing thrown');
}

describe('options of RuleProfileExporter', () => {
  it('have documented defaults', () => {
    assert.deepEqual(resolveOptions({}, {}, unexpected), {
      url: 'http://localhost:4318/v1development/profiles',
      headers: {},
      timeoutMillis: 10_000,
      compression: 'none',
      resource: { 'service.name': 'unknown_service:node' },
      maxQueueSize: 32,
      traceIdLabel: 'trace_id',
      spanIdLabel: 'span_id',
      agent: undefined,
    });
  });

  it('come before the environment', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env',
      OTEL_EXPORTER_OTLP_HEADERS: 'Tenant=env,other=env',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=env,zone=env',
    };
    const options = {
      url: 'https://option/path',
      headers: { tenant: 'option' },
      timeoutMillis: 2,
      compression: 'none',
      resource: { 'service.name': 'option' },
    } as const satisfies RuleProfileExporterOptions;
    const { url, headers, timeoutMillis, compression, resource } = resolveOptions(
      options,
      env,
      unexpected,
    );
    assert.deepEqual(
      { url, headers, timeoutMillis, compression, resource },
      {
        ...options,
        headers: { tenant: 'option', other: 'env' },
        resource: { 'service.name': 'option', zone: 'env' },
      },
    );
  });

  it('are refused with what is allowed', () => {
    const cases: [object, RegExp][] = [
      [{ uri: 'x' }, /^RuleProfileExporterOptions\.uri must be omitted/],
      [{ url: 'localhost:4318' }, /^url must be a URL that begins with http:/],
      [{ url: 5 }, /^url must be a URL/],
      [{ timeoutMillis: 0 }, /^timeoutMillis must be an integer from 1 to 600000; got 0/],
      [{ compression: 'zstd' }, /^compression must be one of "gzip", "none"; got/],
      [{ maxQueueSize: 0 }, /^maxQueueSize must be an integer from 1 to 1000/],
      [{ traceIdLabel: '' }, /^traceIdLabel must be a non-empty string/],
      [{ spanIdLabel: 1 }, /^spanIdLabel must be a non-empty string/],
      [{ headers: [] }, /^headers must be a plain object/],
      [{ headers: { 'a b': 'x' } }, /^headers\.a b must be a valid HTTP header/],
      [{ resource: null }, /^resource must be a plain object/],
      [{ resource: { a: {} } }, /^resource\.a must be a string, number, boolean or an array/],
      [{ agent: 1 }, /^agent must be an agent of node:http or node:https/],
    ];
    for (const [options, expected] of cases) assert.match(message(options), expected);
  });

  it('do not show the value of a header', () => {
    assert.ok(!message({ headers: { authorization: 'secret\n' } }).includes('secret'));
  });

  it('leave out headers of the environment that HTTP does not allow', () => {
    const warnings: string[] = [];
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=%0A' };
    const { headers } = resolveOptions({}, env, (text) => warnings.push(text));
    assert.deepEqual(headers, { a: '1' });
    assert.equal(warnings.length, 1);
  });
});
