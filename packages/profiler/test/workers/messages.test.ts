import assert from 'node:assert/strict';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import { fromPlainWindow, toPlainWindow, withoutProfile } from '../../src/workers/messages';
import { recording, rootOf, windowOf } from '../support/builders';

const labels = { rule: 'a', 'any key': '\u0000' };
const root = rootOf(
  { leaf: 'f', labels, cpuMicros: 9_900 },
  { leaf: 'f', labels },
  { leaf: '(idle)' },
);
const window = windowOf(recording({ root, samplesTaken: 3 }));

const sent = (of = window) => fromPlainWindow(structuredClone(toPlainWindow(of)));

describe('a window between threads', () => {
  it('arrives as it was, frozen, with its profile', () => {
    const arrived = sent();
    assert.deepEqual({ ...arrived }, { ...window });
    assert.ok(Object.isFrozen(arrived) && Object.isFrozen(arrived.cpu));
    assert.deepEqual(attributeCpu(arrived, 'rule'), attributeCpu(window, 'rule'));
    assert.deepEqual(arrived.profile.encode(), window.profile.encode());
  });

  it('does not build its profile to be sent', () => {
    assert.ok(!('profile' in toPlainWindow(window)));
  });

  it('takes its error along', () => {
    const error = Object.assign(new TypeError('no sampler', { cause: () => 1 }), {
      secret: () => 2,
    });
    const arrived = sent(windowOf(error));
    assert.ok(arrived.error instanceof Error);
    assert.equal(arrived.error.name, 'TypeError');
    assert.equal(arrived.error.message, 'no sampler');
    assert.equal(arrived.error.stack, error.stack);
    assert.throws(() => arrived.profile, { message: 'no sampler' });
  });

  it('without its profile is a failed one that has lost its samples', () => {
    const bare = withoutProfile(window, new Error('could not be cloned'));
    assert.equal(bare.complete, false);
    assert.deepEqual([bare.root, bare.quality, bare.fair], [undefined, undefined, false]);
    assert.deepEqual(bare.samples, { taken: 0, lost: 3 });
    assert.equal(bare.cpu.processSeconds, window.cpu.processSeconds);
  });
});
