import assert from 'node:assert/strict';
import { toTimeProfile } from '../../src/datadog/toTimeProfile';
import { recording, type SampleSpec, rootOf, windowOf } from '../support/builders';

/** Returns a window of one second, sampled every 10 ms. */
function oneSecond(...specs: SampleSpec[]) {
  const root = rootOf(...specs);
  const children = root.children.map((node) => ({
    ...node,
    hitCount: node.contexts?.length ?? 0,
  }));
  return windowOf(recording({ root: { ...root, children }, otherThreadsCpuNanos: 250_000_000 }));
}

describe('toTimeProfile', () => {
  const options = { intervalMicros: 10_000, collectCpuTime: false };
  const context = { any: 'thing' };

  it('has the time of the window in microseconds', () => {
    const { startTime, endTime } = toTimeProfile(oneSecond(), options, undefined, 0);
    assert.equal(startTime, 1_700_000_000_000_000);
    assert.equal(endTime - startTime, 1_000_000);
  });

  it('has contexts only if they are requested, and never our labels', () => {
    const window = oneSecond({ leaf: 'a', labels: { rule: 'r' } });
    const [bare] = toTimeProfile(window, options, undefined, 0).topDownRoot.children;
    assert.deepEqual([bare?.hitCount, bare?.contexts], [1, []]);
    const [full] = toTimeProfile(window, options, () => context, 0.25).topDownRoot.children;
    assert.equal(full?.contexts[0]?.context, context);
    assert.equal(full?.contexts[0]?.timestamp, 1_010_000n);
  });

  it('has no context for a waiting thread', () => {
    const window = oneSecond({ leaf: '(idle)' });
    const [idle] = toTimeProfile(window, options, () => context, 0.25).topDownRoot.children;
    assert.equal(idle?.contexts[0]?.context, undefined);
    assert.equal(idle?.contexts.length, 1);
  });

  it('includes the hits that a waiting thread was spared', () => {
    const specs = [{ leaf: 'a' }, { leaf: '(idle)', elapsedMicros: 704_000 }, { leaf: 'a' }];
    assert.equal(toTimeProfile(oneSecond(...specs), options, undefined, 0).totalHitCount, 3 + 69);
    const coarse = { ...options, intervalMicros: 20_000 };
    const { totalHitCount, topDownRoot } = toTimeProfile(oneSecond(...specs), coarse, undefined, 0);
    const hits = topDownRoot.children.reduce((sum, { hitCount }) => sum + hitCount, 0);
    assert.equal(totalHitCount, hits + 34);
  });

  it('has CPU only with collectCpuTime', () => {
    const window = oneSecond({ leaf: 'a', cpuMicros: 5_000 });
    const without = toTimeProfile(window, options, () => context, 0.25);
    assert.deepEqual([without.hasCpuTime, without.nonJSThreadsCpuTime], [false, 0]);
    const cpu = toTimeProfile(window, { ...options, collectCpuTime: true }, () => context, 0.25);
    assert.deepEqual([cpu.hasCpuTime, cpu.nonJSThreadsCpuTime], [true, 250_000_000]);
    assert.equal(cpu.topDownRoot.children[0]?.contexts[0]?.cpuTime, 5_000_000);
  });

  it('has the paths of scripts', () => {
    const root = rootOf({ leaf: 'a' });
    const children = root.children.map((node) => ({
      ...node,
      scriptName: 'file:///a%20b.mjs?v=1',
    }));
    const window = windowOf(recording({ root: { ...root, children } }));
    const { topDownRoot } = toTimeProfile(window, options, undefined, 0);
    assert.equal(topDownRoot.children[0]?.scriptName, '/a b.mjs');
  });

  it('is thinned to the requested interval if the window was sampled more often', () => {
    const specs = Array.from({ length: 100 }, () => ({ leaf: 'a' }));
    const coarse = { ...options, intervalMicros: 50_000 };
    const { topDownRoot } = toTimeProfile(oneSecond(...specs), coarse, undefined, 0);
    assert.equal(topDownRoot.children[0]?.hitCount, 20);
    const same = toTimeProfile(oneSecond(...specs), options, undefined, 0);
    assert.equal(same.topDownRoot.children[0]?.hitCount, 100);
  });

  it('is empty for a window that failed', () => {
    const window = windowOf(new Error('no sampler'));
    const { topDownRoot, endTime, startTime } = toTimeProfile(window, options, undefined, 0);
    assert.deepEqual(topDownRoot.children, []);
    assert.equal(endTime - startTime, 1_000_000);
  });
});
