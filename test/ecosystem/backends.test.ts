import { strict as assert } from 'node:assert';
import { OtlpReceiver } from '../support/backends/OtlpReceiver';
import { byRule, decodeMetrics } from '../support/backends/decodeOtlp';
import { type GrpcReceiver, startGrpcReceiver } from '../support/backends/grpcReceiver';
import { jsonToProtobuf } from '../support/backends/jsonToProtobuf';
import { assertRight, assertSame, becomesSame, startApp } from '../support/backends/startApp';
import { eventually, freePort } from '../support/processes';
import { startPrometheus } from '../support/prometheus';
import { type PromqlServer, byRuleOf } from '../support/promql';
import { startVictoriaMetrics } from '../support/victoriaMetrics';
import { startVmagent } from '../support/vmagent';

const OFTEN = { intervalMillis: 500, timeoutMillis: 500 };
/** Samples after which the statistical bound of `assertRight` is worth something. */
const ENOUGH_SAMPLES = 150;
const OUTAGE_MILLIS = 60_000;

/** Waits until a backend has enough samples of the series with the given labels. */
async function enoughSamples(backend: PromqlServer, labels = ''): Promise<void> {
  await eventually(`${ENOUGH_SAMPLES} samples`, async () => {
    const samples = await backend.scalar(`sum(rulescope_rule_cpu_samples_total{${labels}})`);
    return samples >= ENOUGH_SAMPLES ? true : undefined;
  });
}

describe('backends', () => {
  it('get the same totals by vmagent and remote write, from OTLP and from a scrape', async () => {
    const prometheus = await startPrometheus();
    const prometheusPort = await freePort();
    const agent = await startVmagent(prometheus.url, `127.0.0.1:${prometheusPort}`);
    const app = await startApp({
      prometheusPort,
      otlp: [{ ...OFTEN, encoding: 'protobuf', url: agent.otlpUrl }],
    });
    await enoughSamples(prometheus, 'job="rulescope"');
    const { cpuTime, variance, samples, ...figures } = await app.rest();
    assertRight({ cpuTime, variance, ...figures });
    for (const [series, expected] of [
      ['rulescope_rule_cpu_time_total', cpuTime],
      ['rulescope_rule_cpu_variance_total', variance],
      ['rulescope_rule_cpu_samples_total{job="rulescope"}', samples],
      ['rulescope_rule_cpu_time_seconds_total', cpuTime],
      ['rulescope_rule_cpu_variance_s2_total', variance],
      ['rulescope_rule_cpu_samples_total{job=""}', samples],
    ] as const) {
      await becomesSame(() => byRuleOf(prometheus, series), expected);
    }
    await app.end();
    await agent.stop();
    await prometheus.stop();
  });

  let grpc: GrpcReceiver | undefined;
  after(() => grpc?.stop());

  it('get the same totals by OTLP over gRPC and as JSON', async () => {
    grpc = await startGrpcReceiver();
    const json = await OtlpReceiver.start();
    const app = await startApp({
      otlp: [
        { ...OFTEN, encoding: 'grpc', url: grpc.url },
        { ...OFTEN, encoding: 'json', url: json.url },
      ],
    });
    await json.moreAccepted(4);
    const { cpuTime, variance, samples } = await app.rest();
    await app.end();
    await json.close();
    assert.equal(json.received.at(-1)!.headers['content-type'], 'application/json');
    for (const body of [grpc.bodies.at(-1)!, jsonToProtobuf(json.received.at(-1)!.body)]) {
      const decoded = decodeMetrics(body);
      assertSame(byRule(decoded, 'rulescope.rule.cpu.time'), cpuTime);
      assertSame(byRule(decoded, 'rulescope.rule.cpu.variance'), variance);
      assertSame(byRule(decoded, 'rulescope.rule.cpu.samples'), samples);
      const time = decoded.metrics.get('rulescope.rule.cpu.time');
      assert.equal(time?.temporality, 'AGGREGATION_TEMPORALITY_CUMULATIVE');
    }
  });

  it('have all totals after an outage of 60 s', async () => {
    const victoria = await startVictoriaMetrics();
    const backend = await OtlpReceiver.start({ forwardTo: victoria.otlpUrl });
    const app = await startApp({ otlp: [{ ...OFTEN, encoding: 'protobuf', url: backend.url }] });
    await enoughSamples(victoria);
    await backend.close();
    for (const back = performance.now() + OUTAGE_MILLIS; performance.now() < back;) {
      await app.moreErrors(1);
    }
    await backend.open();
    await backend.moreAccepted();
    const figures = await app.rest();
    assertRight(figures);
    assert.equal(figures.windows['failed'], 0);
    const time = 'rulescope_rule_cpu_time_seconds_total';
    await becomesSame(() => byRuleOf(victoria, time), figures.cpuTime);
    await app.end();
    await backend.close();
    await victoria.stop();
  });
});
