import assert from 'node:assert/strict';
import { MissingInstrumentation } from '../src/MissingInstrumentation';
import { type WindowContents, windowOf } from './support/windowOf';

describe('MissingInstrumentation', () => {
  let setup: { reader: boolean; instrumentation: boolean; rules: boolean };
  let codes: string[];
  let missing: MissingInstrumentation;

  beforeEach(() => {
    setup = { reader: true, instrumentation: false, rules: false };
    codes = [];
    missing = new MissingInstrumentation(setup, (_, code) => void codes.push(code));
  });

  /** Feeds windows of one second. */
  function feed(seconds: number, contents: WindowContents = {}, hasRules = false): void {
    for (let i = 0; i < seconds; i++) missing.update(windowOf(contents), hasRules);
  }

  it('warns once after a minute without rules', () => {
    feed(59);
    assert.deepEqual(codes, []);
    feed(200);
    assert.deepEqual(codes, ['RULESCOPE_NO_INSTRUMENTATION']);
  });

  it('warns after a second if a rule was entered', () => {
    setup.rules = true;
    feed(1, { durationMillis: 999 });
    assert.deepEqual(codes, []);
    feed(1);
    assert.deepEqual(codes, ['RULESCOPE_NO_INSTRUMENTATION']);
  });

  it('does not count windows that measured nothing', () => {
    feed(100, { error: new Error('no sampler') });
    assert.deepEqual(codes, []);
  });

  for (const [why, contents, hasRules] of [
    ['a window has a rule, from wherever', {}, true],
    ['a worker is sampled', { workers: 1 }, false],
    ['a window comes from a worker', { threadId: 3 }, false],
  ] as const) {
    it(`never warns once ${why}`, () => {
      setup.rules = true;
      feed(1, { durationMillis: 500 });
      feed(1, contents, hasRules);
      feed(100);
      assert.deepEqual(codes, []);
    });
  }

  it('never warns if there is an instrumentation, also one that comes later', () => {
    feed(30);
    setup.instrumentation = true;
    feed(1);
    setup.instrumentation = false;
    feed(100);
    assert.deepEqual(codes, []);
  });
});
