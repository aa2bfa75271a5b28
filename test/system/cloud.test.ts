import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OtlpReceiver } from '../support/backends/OtlpReceiver';
import { type DecodedExport, byRule, decodeMetrics } from '../support/backends/decodeOtlp';
import { type Running, eventually, run } from '../support/processes';

const CLOUD = dirname(require.resolve('@rulescope/example-cloud/package.json'));

const OPENSSL =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=backend ' +
  '-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem';
const SAMPLES = 'rulescope.rule.cpu.samples';
const ENOUGH_SAMPLES = 60;

describe('examples/cloud', () => {
  let directory: string;
  let certificate: string;
  let backend: OtlpReceiver;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rulescope-tls-'));
    execFileSync('openssl', OPENSSL.split(' '), { cwd: directory, stdio: 'ignore' });
    certificate = join(directory, 'cert.pem');
    backend = await OtlpReceiver.start({
      tls: {
        key: readFileSync(join(directory, 'key.pem'), 'utf8'),
        cert: readFileSync(certificate, 'utf8'),
      },
    });
  });
  after(async () => {
    await backend.close();
    rmSync(directory, { recursive: true });
  });
  afterEach(() => void backend.received.splice(0));

  const start = (env: NodeJS.ProcessEnv): Running =>
    run(process.execPath, ['app.js'], {
      cwd: CLOUD,
      env: {
        ...process.env,
        OTEL_SERVICE_NAME: 'orders',
        OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=orders-1',
        OTEL_EXPORTER_OTLP_ENDPOINT: `${backend.url}/otlp`,
        OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20dXNlcjp0b2tlbg==,x-scope=a',
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        ...env,
      },
    });
  const last = (): DecodedExport => decodeMetrics(backend.received.at(-1)!.body);

  for (const variable of ['OTEL_EXPORTER_OTLP_CERTIFICATE', 'NODE_EXTRA_CA_CERTS']) {
    it(`sends to where the environment says, with the CA of ${variable}`, async () => {
      const app = start({ [variable]: certificate });
      await backend.moreAccepted();
      const before = await eventually(`${ENOUGH_SAMPLES} samples`, () => {
        const { 'price-alerts': samples = 0 } = byRule(last(), SAMPLES);
        return Promise.resolve(samples >= ENOUGH_SAMPLES ? samples : undefined);
      });
      assert.deepEqual(await app.stop(), { code: 0, signal: null });
      assert.equal(app.output(), '');

      for (const { path, headers } of backend.received) {
        assert.equal(path, '/otlp/v1/metrics');
        assert.equal(headers.authorization, 'Basic dXNlcjp0b2tlbg==');
        assert.equal(headers['x-scope'], 'a');
        assert.equal(headers['content-type'], 'application/x-protobuf');
      }
      const end = last();
      const { resource, metrics } = end;
      assert.equal(resource['service.name'], 'orders');
      assert.equal(resource['service.instance.id'], 'orders-1');
      const time = metrics.get('rulescope.rule.cpu.time');
      assert.equal(time?.unit, 's');
      assert.equal(time.temporality, 'AGGREGATION_TEMPORALITY_CUMULATIVE');
      // The end exported the window under way.
      assert.ok(byRule(end, SAMPLES)['price-alerts']! > before);
      // About 3 : 1. With this many samples, fewer than 1 run in 10,000 has it the wrong way.
      const seconds = byRule(end, 'rulescope.rule.cpu.time');
      assert.deepEqual(Object.keys(seconds).sort(), ['daily-report', 'price-alerts']);
      assert.ok(seconds['price-alerts']! > seconds['daily-report']!);
    });
  }

  it('sends nothing to a backend whose certificate it does not trust, and goes on', async () => {
    const refused = once(backend.server, 'tlsClientError');
    const app = start({});
    await refused;
    assert.deepEqual(await app.stop(), { code: 0, signal: null });
    assert.equal(backend.received.length, 0);
  });
});
