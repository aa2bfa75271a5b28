import assert from 'node:assert/strict';
import { runInChild } from '../support/runInChild';

/** Code that uses the original package, and a consumer of our collector. */
const PRELUDE = `
  const { routeDatadogPprof, time } = load('datadog');
  const { sharedCollector } = load('index');
  const { burnCpu } = load('../test/support/burn');
  const theirs = require('@datadog/pprof').time;
  const consume = () => sharedCollector().addConsumer('exporter', () => undefined);
  const hits = (profile) => profile.sample.reduce((sum, { value }) => sum + Number(value[0]), 0);
  const attempt = (name, fn) => {
    try { console.log(name, fn() ?? 'ok'); } catch (thrown) { console.log(name, thrown.message.slice(0, 40)); }
  };
`;

async function lines(script: string, warning = /^$/): Promise<string[]> {
  const { code, signal, stdout, stderr } = await runInChild(PRELUDE + script);
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
  assert.match(stderr, warning);
  return stdout.trim().split('\n');
}

describe('routeDatadogPprof', () => {
  it('lets other code record beside ours, which is impossible otherwise', async () => {
    assert.deepEqual(
      await lines(
        `
        const consumer = consume();
        theirs.start();
        burnCpu(100);
        console.log('unrouted', hits(theirs.stop()));
        const undo = routeDatadogPprof();
        theirs.start({ withContexts: true });
        time.start();
        theirs.setContext({ job: 'a' });
        burnCpu(100);
        const own = time.stop();
        const profile = theirs.stop(true, ({ context }) => ({ ...context?.context }));
        console.log(hits(own) > 10, hits(profile) > 10, profile.stringTable.strings.includes('job'));
        burnCpu(100);
        console.log(hits(theirs.stop()) > 10, theirs.isStarted());
        undo();
        consumer.remove();
      `,
        /RULESCOPE_OTHER_PROFILER.* call routeDatadogPprof\(\) before it starts/,
      ),
      ['unrouted 0', 'true true true', 'true false'],
    );
  });

  it('affects later imports of the package and references to its time', async () => {
    assert.deepEqual(
      await lines(`
        const kept = theirs;
        const undo = routeDatadogPprof();
        import('@datadog/pprof').then(({ time: imported, default: whole }) => {
          console.log(imported.start === kept.start, whole.time === kept);
          const running = imported.profile({ durationMillis: 1 });
          console.log(sharedCollector().running);
          return running;
        }).then(({ sampleType }) => { console.log(sampleType.length); undo(); });
      `),
      ['true true', 'true', '2'],
    );
  });

  it('restores the originals at the last undo, in any order', async () => {
    assert.deepEqual(
      await lines(`
        const before = { ...theirs };
        const [first, second] = [routeDatadogPprof(), routeDatadogPprof()];
        first();
        first();
        console.log(theirs.start === before.start);
        second();
        console.log(Object.keys(before).every((name) => theirs[name] === before[name]));
        theirs.start();
        burnCpu(50);
        console.log(hits(theirs.stop()) > 5, sharedCollector().running);
      `),
      ['false', 'true', 'true false'],
    );
  });

  it('stops only routed recordings at the last undo', async () => {
    assert.deepEqual(
      await lines(`
        const undo = routeDatadogPprof();
        theirs.start();
        time.start();
        undo();
        console.log(time.isStarted(), theirs.isStarted(), sharedCollector().running);
        time.stop();
        console.log(sharedCollector().running);
      `),
      ['true false true', 'false'],
    );
  });

  it('refuses while the original is recording', async () => {
    assert.deepEqual(
      await lines(`
        theirs.start();
        attempt('route', () => routeDatadogPprof());
        theirs.stop();
        const undo = routeDatadogPprof();
        attempt('start', () => theirs.start());
        attempt('route', () => { routeDatadogPprof()(); });
        theirs.stop();
        undo();
      `),
      ['route time of @datadog/pprof is recording: sto', 'start ok', 'route ok'],
    );
  });

  it('routes the heap too: both record at once until the last undo', async () => {
    assert.deepEqual(
      await lines(`
        const { heap } = load('datadog');
        const original = require('@datadog/pprof').heap;
        original.start(1024, 32);
        attempt('route', () => routeDatadogPprof());
        original.stop();
        const undo = routeDatadogPprof();
        heap.start(1024, 32);
        original.start(1024, 32);
        const kept = Array.from({ length: 10_000 }, (_, i) => ({ i }));
        console.log(original.profile().sample.length > 0, heap.profile().sample.length > 0, kept.length);
        heap.stop();
        undo();
        attempt('original', () => original.profile());
        const again = routeDatadogPprof();
        attempt('routed', () => original.profile());
        again();
      `),
      [
        'route heap of @datadog/pprof is recording: sto',
        'true true 10000',
        'original Heap profiler is not enabled.',
        'routed Heap profiler is not enabled.',
      ],
    );
  });
});
