import assert from 'node:assert/strict';
import type { MessagePort } from 'node:worker_threads';
import { SamplerUnavailableError } from '../../src/base/errors';
import { startWorkerRecording } from '../../src/recording/WorkerRecording';
import type { RecordingMessage, RecordingRequest, StopMessage } from '../../src/workers/messages';
import { active } from '../support/active';
import { until } from '../support/until';

const REQUEST: RecordingRequest = {
  kind: 'lines',
  collector: { windowMillis: 1_000, periodMillis: 1_000, fairSampling: true },
};
const STARTED = { kind: 'started' } as const;

/** Starts a recording in a fake worker. Its end of the connection is `port`. */
function setUp(answerMillis?: number) {
  const stops: StopMessage[] = [];
  let port: MessagePort | undefined;
  let closed = false;
  const starting = startWorkerRecording(
    'worker-3',
    REQUEST,
    (message) => {
      assert.equal(message.request, REQUEST);
      port = message.port;
      port.on('message', (stop: StopMessage) => stops.push(stop));
      port.on('close', () => (closed = true));
    },
    answerMillis,
  );
  const send = (message: RecordingMessage) => port?.postMessage(message);
  return { starting, stops, send, end: () => port?.close(), isClosed: () => closed };
}

function rejectsWith(message: RegExp) {
  return (thrown: unknown): boolean => {
    assert.ok(thrown instanceof SamplerUnavailableError);
    assert.match(thrown.message, message);
    return true;
  };
}

describe('startWorkerRecording', () => {
  it('fulfills when the worker has begun; `stop` gives the profile', async () => {
    const { starting, stops, send } = setUp();
    send(STARTED);
    const recording = await starting;
    const stopped = recording.stop(['hi']);
    await until(() => stops.length === 1);
    assert.deepEqual(stops, [{ comments: ['hi'] }]);
    send({ kind: 'profile', bytes: new Uint8Array([1, 2]) });
    assert.deepEqual([...(await stopped)], [1, 2]);
    assert.deepEqual([...(await recording.stop())], [1, 2]);
    await recording.over;
  });

  it('waits as long as it takes for a profile once the worker has stopped', async () => {
    const { starting, send } = setUp(600_000);
    send(STARTED);
    const recording = await starting;
    const timeouts = (): number => active('Timeout');
    const before = timeouts();
    const stopped = recording.stop();
    assert.equal(timeouts(), before + 1);
    send({ kind: 'stopped' });
    await until(() => timeouts() === before);
    send({ kind: 'profile', bytes: new Uint8Array([1]) });
    assert.deepEqual([...(await stopped)], [1]);
  });

  it('keeps the process alive only while a caller waits for the profile', async () => {
    const { starting, send } = setUp();
    send(STARTED);
    const recording = await starting;
    const before = active('MessagePort');
    const stopped = recording.stop();
    assert.equal(active('MessagePort'), before + 1);
    send({ kind: 'profile', bytes: new Uint8Array([1]) });
    await stopped;
    await until(() => active('MessagePort') <= before);
  });

  it('is over when the worker ends by itself, and has its profile', async () => {
    const { starting, send, end } = setUp();
    send(STARTED);
    const recording = await starting;
    send({ kind: 'profile', bytes: new Uint8Array([1]) });
    end();
    await recording.over;
    assert.deepEqual([...(await recording.stop())], [1]);
  });

  it('rejects if the worker is terminated, before it begins or later', async () => {
    const lost = rejectsWith(/^worker-3 ended or was terminated \d+\.\d s after the request, and/);
    const early = setUp();
    early.end();
    await assert.rejects(early.starting, lost);
    const later = setUp();
    later.send(STARTED);
    const recording = await later.starting;
    later.end();
    await recording.over;
    await assert.rejects(recording.stop(), lost);
  });

  it('rejects with the reason of the worker', async () => {
    const { starting, send } = setUp();
    send({ kind: 'failed', message: 'no inspector' });
    await assert.rejects(starting, rejectsWith(/^worker-3 cannot record this: no inspector$/));
  });

  it('gives up a worker that does not answer', async () => {
    const blocked = rejectsWith(/^worker-3 did not answer for 0\.01 s: its event loop is blocked$/);
    const early = setUp(10);
    await assert.rejects(early.starting, blocked);
    await until(early.isClosed);
    const later = setUp(10);
    later.send(STARTED);
    const recording = await later.starting;
    await assert.rejects(recording.stop(), blocked);
    await until(later.isClosed);
  });

  it('tells the worker when the recording is discarded', async () => {
    const { starting, send, isClosed } = setUp();
    send(STARTED);
    const recording = await starting;
    recording.discard();
    recording[Symbol.dispose]();
    await recording.over;
    await until(isClosed);
    await assert.rejects(recording.stop(), rejectsWith(/^worker-3 .* discarded$/));
  });
});
