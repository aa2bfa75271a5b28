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
  sampler,
  startSampling,
  stopSampling,
  withRule,
} from '../support/labelledRecording';

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
      const recording = await record(
        () =>
          new Promise<void>((resolve) => {
            withRule('a', () =>
              call(() => {
                burn();
                resolve();
              }),
            );
          }),
      );
      assertLabelled(recording);
    });
  }

  it('follow the flow into the listeners of an emitter that it makes emit', async () => {
    const emitter = new EventEmitter();
    withRule('who listens', () => emitter.on('event', burn));
    const recording = await record(() => withRule('who emits', () => emitter.emit('event')));
    assertLabelled(recording);
  });

  it('do not leak out of the flow, neither past its end nor past its awaits', async () => {
    const recording = await record(async () => {
      const flow = withRule('a', async () => {
        await once(process, 'test: go on');
        burn();
      });
      burn();
      process.emit('test: go on' as never);
      await flow;
      burn();
    });
    assertLabelled(recording);
  });

  it('of the innermost rule win, and those of the outer one come back', async () => {
    const recording = await record(() =>
      withRule('outer', () => {
        burn();
        withRule('inner', burn);
        burn();
        withRule(undefined, burn);
        burn();
      }),
    );
    assertLabelled(recording);
  });

  it('of the outer rule come back after an await in the inner one', async () => {
    const recording = await record(() =>
      withRule('outer', async () => {
        await withRule('inner', async () => {
          await Promise.resolve();
          burn();
        });
        burn();
      }),
    );
    assertLabelled(recording);
  });

  it('of the outer rule come back when the inner one throws', async () => {
    const error = new Error('mine');
    const recording = await record(() =>
      withRule('outer', () => {
        assert.throws(
          () =>
            withRule('inner', () => {
              throw error;
            }),
          (thrown) => thrown === error,
        );
        burn();
      }),
    );
    assertLabelled(recording);
  });

  it('of a flow come back after it called into the scope of another', async () => {
    const other = withRule('other', () => new AsyncResource('test'));
    const recording = await record(() =>
      withRule('a', () => {
        other.runInAsyncScope(burn);
        burn();
      }),
    );
    assertLabelled(recording);
  });

  it('of flows that take turns are kept apart', async () => {
    const flow = async (first: Promise<unknown>) => {
      await first;
      burn();
      await new Promise((resolve) => setImmediate(resolve));
      burn();
    };
    const recording = await record(() =>
      Promise.all(['a', 'b', 'c'].map((rule) => withRule(rule, () => flow(Promise.resolve())))),
    );
    assertLabelled(recording);
  });

  it('entered stay for the rest of the flow and end with it', async () => {
    const recording = await record(async () => {
      await new Promise<void>((resolve) => {
        setImmediate(() => {
          labels.enter(labels.createCarrier({ rule: 'entered' }));
          burn();
          setImmediate(() => {
            burn();
            resolve();
          });
        });
      });
      await new Promise<void>((resolve) => {
        setImmediate(() => {
          burn();
          resolve();
        });
      });
    });
    const burns = counts.labels.get('entered')?.hits ?? 0;
    // The promise was awaited outside the flow that entered, so the last burn is not part of it.
    assertBurns(burns, 2, 'entered');
  });

  it('are there from the first sample in a flow that was waiting when sampling began', async () => {
    const flow = withRule('early', async () => {
      await once(process, 'test: go on');
      burn();
    });
    const recording = await record(async () => {
      process.emit('test: go on' as never);
      await flow;
    });
    assertLabelled(recording);
  });

  it('are there from the first sample in the flow that starts sampling, and end with it', () => {
    withRule('starter', () => {
      startSampling();
      burn();
    });
    burn();
    const counts = stopSampling();
    assertLabelled(recording);
  });

  it('are right again when sampling ends and begins anew within a flow', () => {
    const [first, second] = withRule('a', () => {
      startSampling();
      burn();
      const stopped = stopSampling();
      withRule('b', startSampling);
      burn();
      return [stopped, stopSampling()] as const;
    });
    assertRules(first, { a: 1 });
    assertRules(second, { a: 1 });
  });

  it('go on from one recording to the next', () => {
    startSampling();
    withRule('a', () => {
      burn();
      sampler.rotate();
      labels.recordingClosed();
      burn();
    });
    assertRules(stopSampling(), { a: 1 });
  });

  for (const rule of [
    '__proto__',
    '',
    'constructor',
    'a\n"b"\\',
    '\u{1F600}',
    'x'.repeat(10_000),
  ]) {
    it(`are data: ${JSON.stringify(rule.slice(0, 20))}`, async () => {
      assertRules(await record(() => withRule(rule, burn)), Object.fromEntries([[rule, 1]]));
    });
  }

  it('and the value that travels with them are where the carrier is current, sampling or not', async () => {
    const value = { any: 'thing' };
    const carrier = labels.createCarrier({ rule: 'a' }, value);
    const look = async () => {
      await Promise.resolve();
      return [labels.getCarrier()?.labels, labels.getCarrier()?.value];
    };
    assert.deepEqual(await labels.run(carrier, look), [{ rule: 'a' }, value]);
    await record(async () => {
      assert.deepEqual(await labels.run(carrier, look), [{ rule: 'a' }, value]);
      const bare = labels.createCarrier(undefined, value);
      assert.deepEqual(await labels.run(bare, look), [undefined, value]);
    });
    assert.equal(labels.getCarrier(), undefined);
  });

  it('pass arguments in and the result out', () => {
    const carrier = labels.createCarrier({ rule: 'a' });
    assert.equal(
      labels.run(carrier, (x: number, y: number) => x - y, 5, 3),
      2,
    );
  });
});
