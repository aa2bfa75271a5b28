import assert from 'node:assert/strict';
import { freezeWindow } from '../../src/model/freezeWindow';
import { recording, windowOf } from '../support/builders';

describe('freezeWindow', () => {
  it('is frozen, in all its parts', () => {
    for (const window of [windowOf(recording()), windowOf(new Error('failed'))]) {
      for (const part of [window, window.cpu, window.samples]) assert.ok(Object.isFrozen(part));
    }
  });

  it('freezes nothing that it was given', () => {
    const cpu = { processSeconds: 1, threadSeconds: 1, otherThreadsSeconds: 0 };
    freezeWindow({ ...windowOf(recording()), cpu });
    assert.equal(Object.isFrozen(cpu), false);
  });

  it('builds the profile once', () => {
    const window = windowOf(recording());
    assert.equal(window.profile, window.profile);
  });

  it('of a failure: throws the error to whoever asks for the profile', () => {
    const error = new Error('no sampler');
    const window = windowOf(error);
    assert.throws(
      () => window.profile,
      (thrown) => thrown === error,
    );
  });

  it('can be copied without building its profile', () => {
    assert.equal('profile' in { ...windowOf(new Error('no sampler')) }, false);
  });
});
