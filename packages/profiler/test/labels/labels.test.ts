import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs';
import { Readable } from 'node:stream';
import {
  assertLabelled,
  burn,
  labels,
  record,
  rotateSampling,
  startSampling,
  stopSampling,
  withRule,
} from '../support/labelledRecording';

const goOn = new EventEmitter();

const ways: Record<string, (done: () => void) => void> = {
  'a promise': (done) => void Promise.resolve().then(done),
  await: (done) =>
    void (async () => {
      await Promise.resolve();
      await Promise.resolve();
      done();
    })(),
  'an async generator': (done) =>
    void (async () => {
      async function* numbers() {
        yield await Promise.resolve(1);
        done();
      }
      for await (const n of numbers()) assert.equal(n, 1);
    })(),
  setTimeout: (done) => void setTimeout(done, 1),
  setInterval: (done) => {
    const timer = setInterval(() => {
      clearInterval(timer);
      done();
    }, 1);
  },
  setImmediate: (done) => void setImmediate(done),
  'process.nextTick': (done) => process.nextTick(done),
  queueMicrotask: (done) => queueMicrotask(done),
  'a file read': (done) => readFile(__filename, done),
  'a stream': (done) =>
    void Readable.from(['x'])
      .on('data', () => undefined)
      .on('end', done),
  'AsyncResource.bind': (done) => {
    const bound = AsyncResource.bind(done);
    // Outside the flow that bound it.
    withRule('somebody else', () => setImmediate(bound));
  },
};

describe('labels', () => {
  for (const [way, call] of Object.entries(ways)) {
    it(`follow the flow through ${way}`, async () => {
      const flow = () =>
        new Promise<void>((resolve) => {
          call(() => {
            burn('a');
            resolve();
          });
        });
      assertLabelled(await record(() => withRule('a', flow)));
    });
  }

  it('follow the flow into the listeners of an emitter that it makes emit', async () => {
    const emitter = new EventEmitter();
    withRule('listens', () => emitter.on('event', () => burn('emits')));
    assertLabelled(await record(() => withRule('emits', () => emitter.emit('event'))));
  });

  it('do not leak out of the flow, neither past its awaits nor past its end', async () => {
    const recording = await record(async () => {
      const flow = withRule('a', async () => {
        await once(goOn, 'event');
        burn('a');
      });
      burn();
      goOn.emit('event');
      await flow;
      burn();
    });
    assertLabelled(recording);
  });

  it('of the innermost rule win, and those of the outer one come back', async () => {
    const recording = await record(() =>
      withRule('outer', () => {
        burn('outer');
        withRule('inner', () => burn('inner'));
        burn('outer');
        withRule(undefined, () => burn());
        burn('outer');
      }),
    );
    assertLabelled(recording);
  });

  it('of the outer rule come back after an await in the inner one', async () => {
    const recording = await record(() =>
      withRule('outer', async () => {
        await withRule('inner', async () => {
          await Promise.resolve();
          burn('inner');
        });
        burn('outer');
      }),
    );
    assertLabelled(recording);
  });

  it('of the outer rule come back when the inner one throws', async () => {
    const error = new Error('mine');
    const fail = () => {
      throw error;
    };
    const recording = await record(() => {
      withRule('outer', () => {
        assert.throws(
          () => withRule('inner', fail),
          (thrown) => thrown === error,
        );
        burn('outer');
      });
      assert.throws(() => withRule('outer', fail));
      burn();
    });
    assertLabelled(recording);
  });

  it('of a flow come back after it called into the scope of another', async () => {
    const other = withRule('other', () => new AsyncResource('test'));
    const recording = await record(() =>
      withRule('a', () => {
        other.runInAsyncScope(() => burn('other'));
        burn('a');
      }),
    );
    assertLabelled(recording);
  });

  it('of flows that take turns are kept apart', async () => {
    const flow = async (rule: string) => {
      await Promise.resolve();
      burn(rule);
      await new Promise((resolve) => setImmediate(resolve));
      burn(rule);
    };
    const recording = await record(() =>
      Promise.all(['a', 'b', 'c'].map((rule) => withRule(rule, () => flow(rule)))),
    );
    assertLabelled(recording);
  });

  it('entered stay for the rest of the flow and end with it', async () => {
    const recording = await record(async () => {
      await new Promise<void>((resolve) => {
        setImmediate(() => {
          labels.enter(labels.createLabelContext({ rule: 'entered' }));
          burn('entered');
          setImmediate(() => {
            burn('entered');
            resolve();
          });
        });
      });
      // The promise was awaited outside the flow that entered.
      burn();
    });
    assertLabelled(recording);
  });

  it('are there from the first sample in a flow that was waiting when sampling began', async () => {
    const flow = withRule('early', async () => {
      await once(goOn, 'event');
      burn('early');
    });
    const recording = await record(async () => {
      goOn.emit('event');
      await flow;
    });
    assertLabelled(recording);
  });

  it('are there from the first sample in the flow that starts sampling, and end with it', () => {
    withRule('starter', () => {
      startSampling();
      burn('starter');
    });
    burn();
    assertLabelled(stopSampling());
  });

  it('are right again when sampling ends and begins anew within a flow', () => {
    withRule('a', () => {
      startSampling();
      burn('a');
      assertLabelled(stopSampling());
      withRule('b', startSampling);
      burn('a');
    });
    burn();
    assertLabelled(stopSampling());
  });

  it('go on from one recording to the next', () => {
    startSampling();
    withRule('a', () => {
      burn('a');
      assertLabelled(rotateSampling());
      burn('a');
    });
    burn();
    assertLabelled(stopSampling());
  });

  for (const rule of ['__proto__', '', 'constructor', 'a\n"b"\\', '😀', 'x'.repeat(10_000)]) {
    it(`are data: ${JSON.stringify(rule.slice(0, 20))}`, async () => {
      assertLabelled(await record(() => withRule(rule, () => burn(rule))));
    });
  }

  it('and the value that travels with them are where the carrier is current, sampling or not', async () => {
    const value = { any: 'thing' };
    const carrier = labels.createLabelContext({ rule: 'a' }, value);
    const look = async () => {
      await Promise.resolve();
      return [labels.currentLabelContext()?.labels, labels.currentLabelContext()?.value];
    };
    assert.deepEqual(await labels.run(carrier, look), [{ rule: 'a' }, value]);
    await record(async () => {
      assert.deepEqual(await labels.run(carrier, look), [{ rule: 'a' }, value]);
      const bare = labels.createLabelContext(undefined, value);
      assert.deepEqual(await labels.run(bare, look), [undefined, value]);
    });
    assert.equal(labels.currentLabelContext(), undefined);
  });

  it('pass arguments in and the result out', () => {
    const carrier = labels.createLabelContext({ rule: 'a' });
    assert.equal(
      labels.run(carrier, (x: number, y: number) => x - y, 5, 3),
      2,
    );
  });
});
