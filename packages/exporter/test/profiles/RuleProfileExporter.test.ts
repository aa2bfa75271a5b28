import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { context, diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ProfileExporter } from '../../src/profiles/ProfileExporter';
import { type RuleProfileExporterOptions, resolveOptions } from '../../src/profiles/options';
import { FakeCollector } from '../support/FakeCollector';
import { Message } from '../support/Message';
import { Receiver, silence, status } from '../support/Receiver';
import { type WindowContents, windowOf } from '../support/windowOf';

/** The rules in the attributes of an encoded request. */
function rulesIn(body: Buffer): string[] {
  const attributes = new Message(body).message(2).messages(6).slice(1);
  return attributes.map((attribute) => attribute.message(2).strings(1)[0]!);
}

describe('RuleProfileExporter', () => {
  let receiver: Receiver;
  let collector: FakeCollector;
  let exporter: ProfileExporter;
  const errors: string[] = [];
  let loggerIsBroken = false;

  const create = (options: RuleProfileExporterOptions = {}): void => {
    const resolved = resolveOptions({ url: receiver.url, ...options }, {}, assert.fail);
    exporter = new ProfileExporter(resolved, collector.asCollector());
  };
  /** Lets a window close in the next flush. */
  const open = (contents: WindowContents): void => void collector.open.push(windowOf(contents));

  before(() => {
    const ignore = (): void => undefined;
    const error = (message: string): void => {
      if (loggerIsBroken) throw new Error('the logger is broken');
      errors.push(message);
    };
    diag.setLogger({ error, warn: error, info: ignore, debug: ignore, verbose: ignore });
  });
  after(() => diag.disable());
  beforeEach(async () => {
    errors.length = 0;
    collector = new FakeCollector();
    receiver = new Receiver();
    await receiver.listen();
  });
  afterEach(async () => {
    await exporter.shutdown();
    await receiver.close();
  });

  it('sends each window as a request of its own', async () => {
    create();
    open({ rules: { a: 1 } });
    open({ rules: { b: 1 } });
    await exporter.forceFlush();
    const rules = receiver.received.map(({ body }) => rulesIn(body));
    assert.deepEqual(rules, [['a'], ['b']]);
    assert.deepEqual(exporter.totals, { exported: 2, failed: 0, dropped: 0, rejected: 0 });
    const { headers } = receiver.received[0]!;
    assert.equal(headers['content-type'], 'application/x-protobuf');
    assert.equal(headers['content-encoding'], undefined);
    assert.match(headers['user-agent']!, /^rulescope\/\d/);
  });

  it('sends windows without being flushed', async () => {
    create();
    collector.deliver(windowOf({ rules: { a: 1 } }));
    await receiver.arrived(1);
  });

  it('compresses large requests on demand', async () => {
    create({ compression: 'gzip', headers: { 'content-type': 'text/plain', tenant: 't' } });
    const rules = new Map(Array.from({ length: 2_000 }, (_, i) => [`rule number ${i}`, 1]));
    open({ rules });
    await exporter.forceFlush();
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(headers['content-type'], 'application/x-protobuf');
    assert.equal(headers['tenant'], 't');
    const plain = gunzipSync(body);
    assert.ok(plain.length > 60 * 1024 && body.length < plain.length / 2);
    assert.deepEqual(rulesIn(plain), [...rules.keys()]);
  });

  it('sends nothing for windows that failed or had no CPU', async () => {
    create();
    open({ error: new Error('stuck') });
    open({ threadSeconds: 0 });
    await exporter.forceFlush();
    assert.deepEqual(receiver.received, []);
    assert.deepEqual(exporter.totals, { exported: 0, failed: 0, dropped: 0, rejected: 0 });
  });

  it('sends the window under way at shutdown, and none after that', async () => {
    create();
    open({ rules: { last: 1 } });
    await exporter.shutdown();
    assert.deepEqual(rulesIn(receiver.received[0]!.body), ['last']);
    assert.deepEqual(collector.names, []);
    open({ rules: { late: 1 } });
    await exporter.shutdown();
    await exporter.forceFlush();
    assert.equal(receiver.received.length, 1);
  });

  it('ends a flush in time when the server does not answer, and counts what it drops', async () => {
    create({ timeoutMillis: 300 });
    receiver.answers.push(silence, silence, silence);
    for (const rule of ['a', 'b', 'c']) open({ rules: { [rule]: 1 } });
    await exporter.forceFlush(50);
    assert.equal(exporter.totals.exported, 0);
    await exporter.shutdown();
    const { exported, failed, dropped } = exporter.totals;
    assert.equal(exported, 0);
    assert.ok(failed + dropped >= 2, JSON.stringify(exporter.totals));
  });

  it('drops the oldest profiles of a full queue and counts them', async () => {
    create({ maxQueueSize: 1 });
    let answer: () => void = assert.fail;
    receiver.answers.push((response) => (answer = () => status(200)(response)));
    for (const rule of ['a', 'b', 'c', 'd']) open({ rules: { [rule]: 1 } });
    const flushed = exporter.forceFlush();
    await receiver.arrived(1);
    // The last window was encoded when two were dropped.
    while (exporter.totals.dropped < 2) await new Promise((resolve) => setImmediate(resolve));
    answer();
    await flushed;
    const rules = receiver.received.map(({ body }) => rulesIn(body)[0]);
    assert.deepEqual(rules, ['a', 'd']);
    assert.deepEqual(exporter.totals, { exported: 2, failed: 0, dropped: 2, rejected: 0 });
  });

  it('counts windows that the collector did not deliver', () => {
    create();
    collector.deliver(windowOf({ rules: { a: 1 } }), 3);
    assert.equal(exporter.totals.dropped, 3);
  });

  it('reports each loss, without secrets of the address', async () => {
    const url = receiver.url.replace('http://', 'http://user:secret@') + '?key=secret';
    create({ url });
    receiver.answers.push(status(403), status(200, {}, Buffer.from('0a020802', 'hex')));
    open({ rules: { a: 1 } });
    open({ rules: { b: 1 } });
    await exporter.forceFlush();
    assert.deepEqual(exporter.totals, { exported: 1, failed: 1, dropped: 0, rejected: 2 });
    assert.match(errors[0]!, /^rulescope: sending a profile to http:.* failed: .* answered 403$/);
    assert.match(errors[1]!, /^rulescope: the server rejected 2 profiles$/);
    assert.ok(!errors.join().includes('secret'), errors.join());
  });

  it('lets no error of a logger out', async () => {
    create();
    loggerIsBroken = true;
    receiver.answers.push(status(400));
    open({ rules: { a: 1 } });
    open({ rules: { b: 1 } });
    await exporter.forceFlush();
    loggerIsBroken = false;
    assert.deepEqual(exporter.totals, { exported: 1, failed: 1, dropped: 0, rejected: 0 });
  });

  it('goes on after a window that cannot be encoded', async () => {
    create();
    collector.open.push({ ...windowOf(), root: { children: 5 } } as never);
    open({ rules: { a: 1 } });
    await exporter.forceFlush();
    assert.deepEqual(exporter.totals, { exported: 1, failed: 1, dropped: 0, rejected: 0 });
  });

  it('sends outside of the context of the application', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    try {
      const key = Symbol('application');
      const seen: unknown[] = [];
      class LookingAgent extends Agent {
        override createConnection(...args: Parameters<Agent['createConnection']>) {
          seen.push(context.active().getValue(key));
          return super.createConnection(...args);
        }
      }
      create({ agent: new LookingAgent() });
      context.with(context.active().setValue(key, 'app'), () =>
        collector.deliver(windowOf({ rules: { a: 1 } })),
      );
      await receiver.arrived(1);
      assert.deepEqual(seen, [undefined]);
    } finally {
      context.disable();
    }
  });
});
