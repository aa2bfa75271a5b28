import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import type { Steps } from '../../src/base/steps';
import type { Recording } from '../../src/recording/Recording';
import { RecordingServer } from '../../src/recording/RecordingServer';
import type { RecordingMessage, RecordingRequest } from '../../src/workers/messages';
import { LogSpy } from '../support/LogSpy';
import { profileOf } from '../support/profiles';
import { until } from '../support/until';

const REQUEST: RecordingRequest = {
  kind: 'cpu',
  collector: { windowMillis: 1_000, periodMillis: 1_000, fairSampling: true },
};

/** A server whose recordings give the bytes 1, 2, 3 after 100 steps. */
function setUp() {
  const calls: string[] = [];
  const failures: { start?: Error; stop?: Error; step?: Error; discard?: Error } = {};
  const fail = (error: Error | undefined) => {
    if (error !== undefined) throw error;
  };
  const startRecording = (request: RecordingRequest): Recording => {
    fail(failures.start);
    calls.push(request.kind);
    return {
      stop(comments: readonly string[] = []) {
        fail(failures.stop);
        calls.push(`stop ${comments.join().replace(/\d+\.\d/, 'N')}`);
        return (function* () {
          for (let i = 0; i < 100; i++) yield;
          fail(failures.step);
          return profileOf({ samples: [] });
        })();
      },
      discard() {
        calls.push('discard');
        fail(failures.discard);
      },
    };
  };
  function* encodedInSteps(steps: Steps<unknown>): Steps<Uint8Array> {
    yield* steps;
    return new Uint8Array([1, 2, 3]);
  }
  const server = new RecordingServer(new LogSpy(), () => ({ startRecording, encodedInSteps }));
  const serve = () => {
    const { port1, port2 } = new MessageChannel();
    const received: RecordingMessage[] = [];
    const client = { port: port1, received, closed: false };
    port1.on('message', (message: RecordingMessage) => received.push(message));
    port1.on('close', () => (client.closed = true));
    server.serve({ kind: 'record', request: REQUEST, port: port2 });
    return client;
  };
  return { calls, failures, server, serve };
}

const kinds = (messages: readonly RecordingMessage[]) => messages.map(({ kind }) => kind);

describe('RecordingServer', () => {
  it('records until it is told to stop, and sends the profile once', async () => {
    const { calls, serve, server } = setUp();
    const { port, received } = serve();
    await until(() => received.length === 1);
    port.postMessage({ comments: ['hi'] });
    port.postMessage({ comments: ['again'] });
    await until(() => received.length === 3);
    server.end('the thread ended');
    assert.deepEqual(kinds(received), ['started', 'stopped', 'profile']);
    assert.deepEqual([...(received[2] as { bytes: Uint8Array }).bytes], [1, 2, 3]);
    assert.deepEqual(calls, ['cpu', 'stop hi']);
  });

  it('answers that it has stopped before it builds the profile', async () => {
    const { failures, serve } = setUp();
    failures.stop = new Error('broke');
    const { port, received } = serve();
    port.postMessage({ comments: [] });
    await until(() => received.length === 3);
    assert.deepEqual(kinds(received), ['started', 'stopped', 'failed']);
  });

  it('sends what it has when the thread ends, also in the middle of the last steps', async () => {
    const { calls, serve, server } = setUp();
    const first = serve();
    const second = serve();
    await until(() => second.received.length === 1);
    second.port.postMessage({ comments: ['hi'] });
    await until(() => calls.length === 3);
    server.end('the thread ended');
    await until(() => first.closed && second.closed);
    assert.deepEqual(kinds(first.received), ['started', 'profile']);
    assert.deepEqual(kinds(second.received), ['started', 'stopped', 'profile']);
    assert.equal(calls.at(-1), 'stop ended after N s: the thread ended');
  });

  it('discards the recording when the main thread gives it up, whatever fails', async () => {
    const { calls, failures, serve, server } = setUp();
    failures.discard = new Error('broke');
    serve().port.close();
    await until(() => calls.includes('discard'));
    server.end('the thread ended');
    assert.deepEqual(calls, ['cpu', 'discard']);
  });

  it('says why a recording failed', async () => {
    for (const when of ['start', 'stop', 'step'] as const) {
      const { failures, serve } = setUp();
      failures[when] = new Error(`${when} broke`);
      const { port, received } = serve();
      port.postMessage({ comments: [] });
      await until(() => received.some(({ kind }) => kind === 'failed'));
      assert.deepEqual(received.at(-1), { kind: 'failed', message: `${when} broke` });
    }
  });

  it('says why a recording failed although the thread ends', async () => {
    const { failures, serve, server } = setUp();
    failures.stop = new Error('broke');
    const { received } = serve();
    server.end('the thread ended');
    await until(() => received.length === 2);
    assert.deepEqual(received[1], { kind: 'failed', message: 'broke' });
  });
});
