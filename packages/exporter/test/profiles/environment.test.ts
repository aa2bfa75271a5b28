import assert from 'node:assert/strict';
import { readEnvironment } from '../../src/profiles/environment';

function read(env: NodeJS.ProcessEnv) {
  const warnings: string[] = [];
  return { ...readEnvironment(env, (message) => warnings.push(message)), warnings };
}

describe('readEnvironment', () => {
  it('sets nothing without variables, or with empty ones', () => {
    const nothing = {
      url: undefined,
      headers: {},
      timeoutMillis: undefined,
      compression: undefined,
      resource: { 'service.name': 'unknown_service:node' },
      warnings: [],
    };
    assert.deepEqual(read({}), nothing);
    const empty = {
      OTEL_EXPORTER_OTLP_ENDPOINT: '',
      OTEL_EXPORTER_OTLP_HEADERS: ' ',
      OTEL_EXPORTER_OTLP_TIMEOUT: '',
      OTEL_EXPORTER_OTLP_COMPRESSION: '',
      OTEL_RESOURCE_ATTRIBUTES: '',
      OTEL_SERVICE_NAME: '',
    };
    assert.deepEqual(read(empty), nothing);
  });

  it('appends the path of the signal to the endpoint of all signals', () => {
    const cases = {
      'http://collector:4318': 'http://collector:4318/v1development/profiles',
      'http://collector:4318/': 'http://collector:4318/v1development/profiles',
      'https://host/otlp/': 'https://host/otlp/v1development/profiles',
      'https://host/otlp?key=1': 'https://host/otlp/v1development/profiles?key=1',
    };
    for (const [endpoint, url] of Object.entries(cases)) {
      assert.equal(read({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).url, url);
    }
  });

  it('takes the endpoint of the signal as it is, and first', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:1',
      OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT: 'http://one:2/take',
    };
    assert.equal(read(env).url, 'http://one:2/take');
  });

  it('merges headers, percent-decoded; the ones of the signal win', () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc=, tenant = all ',
      OTEL_EXPORTER_OTLP_PROFILES_HEADERS: 'tenant=one',
    };
    assert.deepEqual(read(env).headers, { authorization: 'Basic abc=', tenant: 'one' });
  });

  it('reads the timeout and the compression; the ones of the signal win', () => {
    const all = { OTEL_EXPORTER_OTLP_TIMEOUT: '500', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' };
    assert.equal(read(all).timeoutMillis, 500);
    assert.equal(read(all).compression, 'gzip');
    const both = {
      ...all,
      OTEL_EXPORTER_OTLP_PROFILES_TIMEOUT: '700',
      OTEL_EXPORTER_OTLP_PROFILES_COMPRESSION: 'none',
    };
    assert.equal(read(both).timeoutMillis, 700);
    assert.equal(read(both).compression, 'none');
  });

  it('reads the resource; OTEL_SERVICE_NAME wins', () => {
    const attributes = 'service.name=a,deployment.environment.name=pro%2Cd,k=a=b';
    assert.deepEqual(read({ OTEL_RESOURCE_ATTRIBUTES: attributes }).resource, {
      'service.name': 'a',
      'deployment.environment.name': 'pro,d',
      k: 'a=b',
    });
    const env = { OTEL_RESOURCE_ATTRIBUTES: attributes, OTEL_SERVICE_NAME: 'b' };
    assert.equal(read(env).resource['service.name'], 'b');
  });

  it('ignores each wrong value and says which one', () => {
    const cases = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT: 'ftp://host',
      OTEL_EXPORTER_OTLP_HEADERS: 'no pair',
      OTEL_EXPORTER_OTLP_TIMEOUT: '10s',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
      // One bad member discards the value.
      OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=%ZZ',
    };
    for (const [name, value] of Object.entries(cases)) {
      const { warnings, ...settings } = read({ [name]: value });
      assert.equal(warnings.length, 1, name);
      assert.ok(warnings[0]!.startsWith(`${name} must be `), warnings[0]);
      assert.ok(!warnings[0]!.includes(value), 'a value may be a secret');
      assert.deepEqual({ ...settings, warnings: [] }, read({}));
    }
  });
});
