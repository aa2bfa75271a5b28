import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs';
import { Readable } from 'node:stream';
import {
  assertLabeled,
  burn,
  labels,
  record,
  rotateSampling,
  startSampling,
  stopSampling,
  withRule,
} from '../support/labeledRecording';

const resume = new EventEmitter();

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
    // Called outside the flow that bound it.
    withRule('another flow', () => setImmediate(bound));
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
      assertLabeled(await record(() => withRule('a', flow)));
    });
  }

  it('follow the flow into the listeners of an event that it emits', async () => {
    const emitter = new EventEmitter();
    withRule('listens', () => emitter.on('event', () => burn('emits')));
    assertLabeled(await record(() => withRule('emits', () => emitter.emit('event'))));
  });

  it('do not leak out of the flow, neither during its awaits nor after its end', async () => {
    const recording = await record(async () => {
      const flow = withRule('a', async () => {
        await once(resume, 'event');
        burn('a');
      });
      burn();
      resume.emit('event');
      await flow;
      burn();
    });
    assertLabeled(recording);
  });

  it('of the innermost rule win, and the labels of the outer rule come back', async () => {
    const recording = await record(() =>
      withRule('outer', () => {
        burn('outer');
        withRule('inner', () => burn('inner'));
        burn('outer');
        withRule(undefined, () => burn());
        burn('outer');
      }),
    );
    assertLabeled(recording);
  });

  it('of the outer rule come back after an await in the inner rule', async () => {
    const recording = await record(() =>
      withRule('outer', async () => {
        await withRule('inner', async () => {
          await Promise.resolve();
          burn('inner');
        });
        burn('outer');
      }),
    );
    assertLabeled(recording);
  });

  it('of the outer rule come back when the inner rule throws', async () => {
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
    assertLabeled(recording);
  });

  it('of a flow come back after a call into the scope of another flow', async () => {
    const other = withRule('other', () => new AsyncResource('test'));
    const recording = await record(() =>
      withRule('a', () => {
        other.runInAsyncScope(() => burn('other'));
        burn('a');
      }),
    );
    assertLabeled(recording);
  });

  it('of alternating flows are kept apart', async () => {
    const flow = async (rule: string) => {
      await Promise.resolve();
      burn(rule);
      await new Promise((resolve) => setImmediate(resolve));
      burn(rule);
    };
    const recording = await record(() =>
      Promise.all(['a', 'b', 'c'].map((rule) => withRule(rule, () => flow(rule)))),
    );
    assertLabeled(recording);
  });

  it('stay for the rest of the flow when they are entered, and end with it', async () => {
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
      // The promise was awaited outside the flow that entered the labels.
      burn();
    });
    assertLabeled(recording);
  });

  it('are there from the first sample in a flow that was waiting when sampling began', async () => {
    const flow = withRule('early', async () => {
      await once(resume, 'event');
      burn('early');
    });
    const recording = await record(async () => {
      resume.emit('event');
      await flow;
    });
    assertLabeled(recording);
  });

  it('are there from the first sample in the flow that starts sampling, and end with it', () => {
    withRule('starter', () => {
      startSampling();
      burn('starter');
    });
    burn();
    assertLabeled(stopSampling());
  });

  it('are correct when sampling stops and starts again within a flow', () => {
    withRule('a', () => {
      startSampling();
      burn('a');
      assertLabeled(stopSampling());
      withRule('b', startSampling);
      burn('a');
    });
    burn();
    assertLabeled(stopSampling());
  });

  it('continue from one recording to the next', () => {
    startSampling();
    withRule('a', () => {
      burn('a');
      assertLabeled(rotateSampling());
      burn('a');
    });
    burn();
    assertLabeled(stopSampling());
  });

  for (const rule of ['__proto__', '', 'constructor', 'a\n"b"\\', '😀', 'x'.repeat(256)]) {
    it(`can be any string: ${JSON.stringify(rule.slice(0, 20))}`, async () => {
      assertLabeled(await record(() => withRule(rule, () => burn(rule))));
    });
  }

  it('are available with their value, whether sampling is on or off', async () => {
    const value = { any: 'thing' };
    const context = labels.createLabelContext({ rule: 'a' }, value);
    const look = async () => {
      await Promise.resolve();
      return [labels.currentLabelContext()?.labels, labels.currentLabelContext()?.value];
    };
    assert.deepEqual(await labels.run(context, look), [{ rule: 'a' }, value]);
    await record(async () => {
      assert.deepEqual(await labels.run(context, look), [{ rule: 'a' }, value]);
      const bare = labels.createLabelContext(undefined, value);
      assert.deepEqual(await labels.run(bare, look), [undefined, value]);
    });
    assert.equal(labels.currentLabelContext(), undefined);
  });

  it('do not change the arguments and the result of a call', () => {
    const context = labels.createLabelContext({ rule: 'a' });
    assert.equal(
      labels.run(context, (x: number, y: number) => x - y, 5, 3),
      2,
    );
  });
});
