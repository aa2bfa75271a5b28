import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type FlatProfile, flatten } from '../support/flatProfile';
import { runProgram } from '../support/program';
import { type Decoded, decodeProfiles } from '../support/protoc';

const TRACE_ID = '0123456789abcdef0123456789abcdef';
const SPAN_ID = '0123456789abcdef';

/** Makes a key, and a certificate for localhost that it signs. */
const OPENSSL =
  'req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost ' +
  '-addext subjectAltName=DNS:localhost';

const EXPORTER = `
  const { RuleProfileExporter } = require('rulescope/profiles');
  const { sharedCollector, runWithLabels } = require('@rulescope/profiler');
  const collector = sharedCollector({ windowMillis: 250 });
`;

/** Labels work in every way and prints each window as flat pprof beside the exporter. */
const COMPARED = `${EXPORTER}
  const { RuleInstrumentation, withRule } = require('rulescope');
  const { toPprof } = require('@rulescope/profiler/pprof');
  registerManager();
  new RuleInstrumentation();
  const flat = ({ sample, location, function: functions, stringTable, ...profile }) => {
    const text = (index) => stringTable.strings[Number(index)];
    const frame = (id) => {
      const { mappingId, line: [{ functionId, line, column }] } = location[Number(id) - 1];
      const { name, systemName, filename, startLine } = functions[Number(functionId) - 1];
      const file = text(profile.mapping[Number(mappingId) - 1].filename);
      const texts = [name, systemName, filename].map(text);
      return [...texts, startLine, line, column, file].join('|');
    };
    return {
      startNanos: String(profile.timeNanos),
      durationNanos: Number(profile.durationNanos),
      period: Number(profile.period),
      samples: sample
        .filter(({ value }) => value[2] !== 0)
        .map(({ locationId, value, label }) => [
          locationId.map(frame), value[2], label.map(({ key, str }) => [text(key), text(str)]),
        ]),
    };
  };
  const consumer = collector.addConsumer('pprof', (window) => json(flat(toPprof(window))));
  const exporter = new RuleProfileExporter({ resource: { zone: 'here' } });
  const worker = new Worker(\`
    const { sampleWorker, runWithLabels } = require('@rulescope/profiler');
    sampleWorker();
    const burn = () => { for (const end = Date.now() + 20; Date.now() < end;); };
    setInterval(() => runWithLabels({ rule: 'in the worker' }, burn), 25);
  \`, { eval: true });
  const inner = () => burn(15);
  const round = async () => {
    withRule('r1', inner);
    await withRule('naïve "rule" \\\\ 😀\\n', async () => { await sleep(1); inner(); });
    runWithLabels({ rule: 'r2', trace_id: '${TRACE_ID}', span_id: '${SPAN_ID}' }, inner);
    runWithLabels({ tenant: 't' }, inner);
  };
  (async () => {
    // The work of the worker must be in a window, and a machine under load takes its time.
    let done = false;
    collector.addConsumer('look', (window) => {
      done ||= window.origin.threadId !== 0 && window.samples.taken > 5;
    });
    while (!done) await round();
    await Promise.all([exporter.shutdown(), consumer.remove()]);
    json(exporter.totals);
    process.exit();
  })();
`;

/** Works in sampled spans, each of which starts in a rule, and prints the spans and the metrics. */
const TRACED = `${EXPORTER}
  const { attributeCpu } = require('@rulescope/profiler');
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const { trace } = require('@opentelemetry/api');
  const { RuleInstrumentation, RuleMetrics, RuleSpanProcessor, withRule } = require('rulescope');
  const spans = [];
  const keep = {
    onStart: () => undefined,
    onEnd: (span) => spans.push([span.spanContext(), span.attributes['rulescope.rule.id']]),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const reader = new Reader();
  new NodeSDK({
    autoDetectResources: false,
    metricReaders: [reader],
    logRecordProcessors: [],
    spanProcessors: [new RuleSpanProcessor(), keep],
    instrumentations: [new RuleInstrumentation({ spanLabels: true }), new RuleMetrics()],
  }).start();
  const exporter = new RuleProfileExporter();
  const request = (rule) =>
    withRule(rule, () =>
      trace.getTracer('test').startActiveSpan(rule, async (span) => {
        await sleep(1);
        burn(30);
        span.end();
      }),
    );
  const found = new Set();
  collector.addConsumer('look', (window) => {
    const { labels } = attributeCpu(window, ({ rule, span_id }) => span_id && rule);
    for (const rule of labels.keys()) found.add(rule);
  });
  (async () => {
    // How soon a sample finds a rule in a span is up to the machine.
    while (found.size < 2) for (const rule of ['r1', 'r2']) await request(rule);
    await exporter.shutdown();
    json({ spans, rules: await reader.rules() });
    process.exit();
  })();
`;

describe('OTLP profiles', () => {
  let server: Server;
  let endpoint: string;
  const bodies: Buffer[] = [];
  const paths: (string | undefined)[] = [];
  let answers = true;

  async function receive(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    bodies.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    paths.push(request.url);
  }

  beforeEach(async () => {
    bodies.length = paths.length = 0;
    answers = true;
    server = createServer((request, response) => {
      void receive(request).then(() => answers && response.end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('have the samples of our pprof, read by protoc with the official schema', async () => {
    const { json, codes } = await runProgram(COMPARED, [], {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SERVICE_NAME: 'shop',
    });
    assert.deepEqual(codes, []);
    const totals = json.at(-1) as { exported: number; failed: number; dropped: number };
    assert.deepEqual([totals.exported, totals.failed, totals.dropped], [bodies.length, 0, 0]);
    assert.deepEqual(new Set(paths), new Set(['/v1development/profiles']));
    const expected = json.slice(0, -1) as FlatProfile[];
    const found = bodies.map((body) => flatten(decodeProfiles(body)));
    for (const profile of found) {
      const twin = expected.find(
        ({ startNanos, durationNanos }) =>
          startNanos === profile.startNanos && durationNanos === profile.durationNanos,
      );
      assert.deepEqual(profile, twin);
    }
    const labels = found.flatMap(({ samples }) => samples.map(([, , entries]) => entries));
    const texts = new Set(labels.flat().map((entry) => entry.join('=')));
    for (const text of [
      'rule=r1',
      'rule=naïve "rule" \\ 😀\n',
      'rule=r2',
      `trace_id=${TRACE_ID}`,
      'tenant=t',
      'rule=in the worker',
    ]) {
      assert.ok(texts.has(text), `${text} is not in ${[...texts].join()}`);
    }
    assert.ok([...texts].some((text) => /^thread=worker-\d+$/.test(text)));
  });

  it('link samples to the spans that were active, if spans are labels', async () => {
    const { json } = await runProgram(TRACED, [], { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const [{ spans, rules }] = json as [
      { spans: [{ traceId: string; spanId: string }, rule: string][]; rules: string[] },
    ];
    const ruleOf = new Map(spans.map(([{ traceId, spanId }, rule]) => [traceId + spanId, rule]));
    const linked = new Set<string>();
    for (const request of bodies.map(decodeProfiles)) {
      // The ids are links and nothing else.
      assert.ok(!request.message('dictionary').texts('string_table').includes('span_id'));
      for (const [, , entries] of flatten(request).samples) {
        const { rule, trace_id: traceId, span_id: spanId } = Object.fromEntries(entries);
        if (spanId === undefined) continue;
        assert.equal(ruleOf.get(traceId! + spanId), rule);
        linked.add(rule!);
      }
    }
    assert.deepEqual([...linked].sort(), ['r1', 'r2']);
    assert.deepEqual(rules, ['r1', 'r2']);
  });

  it('say what they measure and where they come from', async () => {
    await runProgram(COMPARED, [], {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_SERVICE_NAME: 'shop',
    });
    for (const request of bodies.map(decodeProfiles)) {
      const strings = request.message('dictionary').texts('string_table');
      const resource = request.message('resource_profiles', 'resource').messages('attributes');
      const pairs = resource.map((each) => [
        each.texts('key')[0],
        each.message('value').texts('string_value')[0],
      ]);
      assert.deepEqual(Object.fromEntries(pairs), {
        'service.name': 'shop',
        'deployment.environment.name': 'test',
        zone: 'here',
      });
      const profile = request.message('resource_profiles', 'scope_profiles', 'profiles');
      for (const name of ['sample_type', 'period_type']) {
        const type = profile.message(name);
        const words = ['type_strindex', 'unit_strindex'].map((at) => strings[type.integer(at)]);
        assert.deepEqual(words, ['cpu', 'nanoseconds']);
      }
      assert.equal(strings[0], '');
      const { fields } = request.message('dictionary');
      for (const [table, [zero]] of fields) {
        if (table === 'string_table' || table === 'link_table') continue;
        assert.equal((zero as Decoded).fields.size, 0, table);
      }
    }
  });

  it('neither keep a process alive nor change its exit code when the server is silent', async () => {
    answers = false;
    const { codes } = await runProgram(
      `${EXPORTER}
      new RuleProfileExporter({ url: '${endpoint}', timeoutMillis: 600_000 });
      collector.addConsumer('end', () => clearInterval(work));
      const work = setInterval(() => burn(20), 25);`,
    );
    assert.deepEqual(codes, []);
  });

  it('are awaited by shutdown, which ends in time without a server, with one warning', async () => {
    server.close();
    await once(server, 'close');
    // Shorter than the first wait between two attempts, so each profile has one attempt.
    const { codes, warnings, json } = await runProgram(
      `${EXPORTER}
      const exporter = new RuleProfileExporter({ url: '${endpoint}', timeoutMillis: 700 });
      (async () => {
        burn(50);
        await exporter.forceFlush();
        burn(50);
        await exporter.shutdown();
        json(exporter.totals);
      })();`,
    );
    assert.deepEqual(codes, ['RULESCOPE_PROFILES_LOST']);
    assert.match(warnings[0]!, /sending a profile to http:.* failed: .*ECONNREFUSED/);
    const [{ exported, failed, dropped }] = json as [Record<string, number>];
    assert.equal(exported, 0);
    assert.ok(failed! + dropped! >= 2, JSON.stringify(json));
  });

  it('keep a process alive in a shutdown only, until its time is over', async () => {
    answers = false;
    const { json } = await runProgram(
      `${EXPORTER}
      const exporter = new RuleProfileExporter({ url: '${endpoint}', timeoutMillis: 300 });
      burn(50);
      exporter.shutdown().then(() => json('ended'));`,
    );
    assert.deepEqual(json, ['ended']);
  });

  it('go to servers with TLS whose authority NODE_EXTRA_CA_CERTS names', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rulescope-profiles-'));
    execFileSync('openssl', OPENSSL.split(' '), { cwd: directory, stdio: 'ignore' });
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory, name));
    const secure = createSecureServer({ key: readFileSync(key!), cert: readFileSync(cert!) });
    secure.on('request', (_, response) => response.end()).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const url = `https://localhost:${(secure.address() as AddressInfo).port}`;
    const program = (timeoutMillis: number) => `${EXPORTER}
      const exporter = new RuleProfileExporter({ url: '${url}', timeoutMillis: ${timeoutMillis} });
      burn(50);
      exporter.shutdown().then(() => json(exporter.totals.exported > 0));`;
    try {
      const trusted = await runProgram(program(60_000), [], { NODE_EXTRA_CA_CERTS: cert });
      assert.deepEqual([trusted.json, trusted.codes], [[true], []]);
      const { json, warnings } = await runProgram(program(2_000));
      assert.deepEqual(json, [false]);
      assert.match(warnings[0]!, /self-signed certificate/);
    } finally {
      secure.closeAllConnections();
      secure.close();
      rmSync(directory, { recursive: true });
    }
  });

  it('are sent without a trace span of their own', async () => {
    const { json } = await runProgram(
      `${EXPORTER}
      const { Agent } = require('node:http');
      const { isTracingSuppressed } = require('@opentelemetry/core');
      registerManager();
      class LookingAgent extends Agent {
        createConnection(...args) {
          json(isTracingSuppressed(context.active()));
          return super.createConnection(...args);
        }
      }
      const exporter = new RuleProfileExporter({ url: '${endpoint}', agent: new LookingAgent() });
      burn(50);
      exporter.shutdown().then(() => process.exit());`,
    );
    assert.deepEqual(json, [true]);
  });
});
