import assert from 'node:assert/strict';
import { Sender } from '../../src/profiles/Sender';
import { Receiver, hangUp, silence, status } from '../support/Receiver';

const BODY = Buffer.from('a profile');
const NOW = Date.parse('2026-01-01T00:00:00Z');
const TIMEOUT_MILLIS = 10_000;

describe('Sender', () => {
  let receiver: Receiver;
  /** Waits that the sender asked for. The clock passes them at once. */
  let waits: number[];
  let now: number;

  const sender = (timeoutMillis = TIMEOUT_MILLIS, random = () => 0.5): Sender =>
    new Sender(
      { url: receiver.url, headers: { 'x-key': 'k' }, agent: undefined },
      timeoutMillis,
      {
        now: () => now,
        epochMillis: () => NOW,
        wait: (millis) => {
          waits.push(millis);
          now += millis;
          return Promise.resolve();
        },
      },
      random,
    );

  beforeEach(async () => {
    receiver = new Receiver();
    await receiver.listen();
    waits = [];
    now = 0;
  });
  afterEach(() => receiver.close());

  it('posts the body with the headers', async () => {
    const result = await sender().send(BODY);
    assert.deepEqual(result, {
      failure: undefined,
      rejected: 0,
      remark: '',
      pauseMillis: 0,
      retryable: false,
    });
    const [request] = receiver.received;
    assert.equal(request!.method, 'POST');
    assert.equal(request!.path, '/v1development/profiles');
    assert.equal(request!.headers['x-key'], 'k');
    assert.deepEqual(request!.body, BODY);
  });

  it('sends again after 429, 502, 503 and 504, and after no other answer', async () => {
    const table = {
      retried: [429, 502, 503, 504],
      final: [300, 301, 400, 401, 403, 404, 408, 413, 415, 500, 501, 505],
    };
    for (const code of table.retried) {
      receiver.received.length = 0;
      receiver.answers.push(status(code));
      assert.equal((await sender().send(BODY)).failure, undefined, `${code}`);
      assert.equal(receiver.received.length, 2, `${code}`);
    }
    for (const code of table.final) {
      receiver.received.length = 0;
      receiver.answers.push(status(code));
      assert.equal((await sender().send(BODY)).failure, `the server answered ${code}`);
      assert.equal(receiver.received.length, 1, `${code}`);
    }
  });

  it('backs off exponentially with jitter, five attempts at most', async () => {
    const refuse = (): void =>
      void receiver.answers.push(...Array<never>(9).fill(status(503) as never));
    refuse();
    const { failure } = await sender(60_000).send(BODY);
    assert.equal(failure, 'the server answered 503');
    assert.deepEqual(waits, [1_000, 1_500, 2_250, 3_375]);
    assert.equal(receiver.received.length, 5);
    waits = [];
    await sender(60_000, () => 0).send(BODY);
    assert.equal(waits[0], 800);
    waits = [];
    refuse();
    await sender(60_000, () => 1).send(BODY);
    assert.equal(waits[0], 1_200);
  });

  it('stops when the next attempt would be too late', async () => {
    receiver.answers.push(...[503, 503, 503, 503].map((code) => status(code)));
    await sender(4_000).send(BODY);
    assert.deepEqual(waits, [1_000, 1_500]);
  });

  it('waits as long as Retry-After says: seconds or a date', async () => {
    receiver.answers.push(status(429, { 'retry-after': '3' }));
    await sender().send(BODY);
    const date = new Date(NOW + 4_000).toUTCString();
    receiver.answers.push(status(503, { 'retry-after': date }));
    await sender().send(BODY);
    assert.deepEqual(waits, [3_000, 4_000]);
  });

  it('backs off where Retry-After means nothing', async () => {
    const past = new Date(NOW - 4_000).toUTCString();
    for (const value of ['soon', '-1', '0', past]) {
      waits = [];
      receiver.answers.push(status(503, { 'retry-after': value }));
      await sender().send(BODY);
      assert.deepEqual(waits, [1_000], value);
    }
  });

  it('gives up and reports the pause when Retry-After is too long', async () => {
    receiver.answers.push(status(429, { 'retry-after': '60' }));
    const result = await sender().send(BODY);
    assert.equal(result.failure, 'the server answered 429');
    assert.equal(result.pauseMillis, 60_000);
    receiver.answers.push(status(429, { 'retry-after': '999999999' }));
    assert.equal((await sender().send(BODY)).pauseMillis, 300_000);
  });

  it('sends again after a connection that ends early', async () => {
    receiver.answers.push(hangUp);
    assert.equal((await sender().send(BODY)).failure, undefined);
    assert.equal(receiver.received.length, 2);
  });

  it('says why a connection is refused', async () => {
    const refused = sender(60_000);
    await receiver.close();
    assert.match((await refused.send(BODY)).failure!, /ECONNREFUSED/);
    assert.equal(waits.length, 4);
  });

  it('does not wait longer than the timeout for an answer', async () => {
    receiver.answers.push(silence);
    const { failure } = await sender(50).send(BODY);
    assert.equal(failure, 'no answer within 50 ms');
  });

  it('sends again after an answer that is cut off', async () => {
    receiver.answers.push((response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.socket?.destroy());
    });
    assert.equal((await sender().send(BODY)).failure, undefined);
    assert.equal(receiver.received.length, 2);
  });

  it('reads what a server rejected and remarks', async () => {
    // partial_success { rejected_profiles: 1, error_message: "too old" }
    const partial = Buffer.from('0a0b08011207746f6f206f6c64', 'hex');
    receiver.answers.push(status(200, {}, partial));
    const { failure, rejected, remark } = await sender().send(BODY);
    assert.deepEqual([failure, rejected, remark], [undefined, 1, 'too old']);
  });

  it('reads the reason of an error, and survives any other body', async () => {
    // google.rpc.Status { code: 3, message: "no" }
    receiver.answers.push(status(400, {}, Buffer.from('080312026e6f', 'hex')));
    assert.equal((await sender().send(BODY)).failure, 'the server answered 400: no');
    const bodies = [
      '<html>404</html>',
      '{"error":1}',
      '\xff\xff\xff',
      'x'.repeat(1_000_000),
      '\x12\x7f',
    ];
    for (const body of bodies) {
      receiver.answers.push(status(200, {}, body));
      assert.equal((await sender().send(BODY)).failure, undefined);
      receiver.answers.push(status(400, {}, body));
      assert.match((await sender().send(BODY)).failure!, /^the server answered 400/);
    }
  });
});
