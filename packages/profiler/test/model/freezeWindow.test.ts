import assert from 'node:assert/strict';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import { freezeWindow } from '../../src/model/freezeWindow';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { toPprof } from '../../src/pprof/toPprof';
import { recording, rootOf, windowOf } from '../support/builders';

describe('freezeWindow', () => {
  it('freezes the window and all its parts', () => {
    for (const window of [windowOf(recording()), windowOf(new Error('failed'))]) {
      for (const part of [window, window.cpu, window.samples]) assert.ok(Object.isFrozen(part));
    }
  });

  it('does not freeze its argument', () => {
    const cpu = { processSeconds: 1, threadSeconds: 1, otherThreadsSeconds: 0 };
    freezeWindow({ ...windowOf(recording()), cpu });
    assert.equal(Object.isFrozen(cpu), false);
  });

  it('returns plain data that survives JSON and structuredClone', () => {
    const root = rootOf({ leaf: 'f', labels: { rule: 'a' }, cpuMicros: 9_900 });
    for (const window of [windowOf(recording({ root })), windowOf(new Error('no sampler'))]) {
      assert.deepEqual(structuredClone(window), { ...window });
      const defined = JSON.parse(JSON.stringify(window)) as ProfileWindow;
      assert.deepEqual(defined, JSON.parse(JSON.stringify(structuredClone(window))));
      assert.deepEqual(defined.root, window.root);
      assert.deepEqual(defined.error, window.error);
    }
  });

  it('freezes where the window comes from, which all windows share', () => {
    const comments = ['mine'];
    const window = freezeWindow({
      ...windowOf(recording()),
      origin: { threadId: 0, program: 'p', comments },
    });
    assert.ok(Object.isFrozen(window.origin) && Object.isFrozen(window.origin.comments));
    assert.equal(Object.isFrozen(comments), false);
    assert.equal(freezeWindow(window).origin, window.origin);
  });

  it('leaves every figure as it is when a window is sent as JSON', () => {
    // The second and third sample found the rule in a blocked call.
    const root = rootOf(
      { leaf: 'f', labels: { rule: 'a' }, cpuMicros: 9_900 },
      { leaf: 'wait', labels: { rule: 'b' }, cpuMicros: 9_900 },
      { leaf: 'wait', labels: { rule: 'b' }, cpuMicros: 1 },
      { leaf: 'wait', labels: { rule: 'b' }, cpuMicros: 1 },
      { leaf: 'f', labels: { rule: 'a' }, cpuMicros: 9_900 },
    );
    const window = windowOf(recording({ root, samplesTaken: 5 }), 0.03);
    const sent = JSON.parse(JSON.stringify(window)) as ProfileWindow;
    assert.equal(attributeCpu(window, 'rule').labels.get('b'), undefined);
    assert.deepEqual(attributeCpu(sent, 'rule'), attributeCpu(window, 'rule'));
    assert.deepEqual(toPprof(sent).encode(), toPprof(window).encode());
  });
});
