import assert from 'node:assert/strict';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import { toPprof } from '../../src/pprof/toPprof';
import { unsendable } from '../../src/workers/messages';
import { recording, rootOf, windowOf } from '../support/builders';

const labels = { rule: 'a', 'any key': '\u0000' };
const root = rootOf(
  { leaf: 'f', labels, cpuMicros: 9_900 },
  { leaf: 'f', labels },
  { leaf: '(idle)' },
);
const window = windowOf(recording({ root, samplesTaken: 3 }), 0.03);

const sent = (of = window) => structuredClone(of);

describe('a window sent between threads', () => {
  it('arrives unchanged', () => {
    const arrived = sent();
    assert.deepEqual({ ...arrived }, { ...window });
    assert.deepEqual(attributeCpu(arrived, 'rule'), attributeCpu(window, 'rule'));
    assert.deepEqual(toPprof(arrived).encode(), toPprof(window).encode());
  });

  it('arrives with its error', () => {
    const error = Object.assign(new TypeError('no sampler', { cause: () => 1 }), {
      secret: () => 2,
    });
    const arrived = sent(windowOf(error));
    assert.deepEqual(arrived.error, {
      name: 'TypeError',
      message: 'no sampler',
      stack: error.stack,
    });
    assert.throws(() => toPprof(arrived), { name: 'TypeError', message: 'no sampler' });
  });

  it('is a failed window that counts its samples as lost if it is sent without them', () => {
    const bare = unsendable(window, new Error('could not be cloned'));
    assert.equal(bare.complete, false);
    assert.deepEqual([bare.root, bare.quality, bare.fair], [undefined, undefined, false]);
    assert.deepEqual(bare.samples, { taken: 0, lost: 3 });
    assert.equal(bare.cpu.processSeconds, window.cpu.processSeconds);
  });
});
