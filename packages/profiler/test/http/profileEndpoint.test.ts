import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { allAtOnce } from '../../src/base/steps';
import { selectInSteps } from '../../src/http/profileEndpoint';
import { PprofHarness } from '../support/PprofHarness';
import { httpError } from '../support/httpError';
import { comments, plain } from '../support/pprof';
import { profileOf } from '../support/profiles';
import { until } from '../support/until';

describe('/debug/pprof/profile', () => {
  let harness: PprofHarness;

  beforeEach(async () => {
    harness = await new PprofHarness().start();
  });

  afterEach(() => harness.stop());

  /** Returns the response to a request that records for a second. */
  async function recorded(query: string) {
    const response = harness.get(`/profile?seconds=1&${query}`);
    await until(() => harness.clock.pendingTimers > 0);
    harness.clock.advance(1_000);
    return response;
  }

  it('samples at the rate asked for; default: the rate of the collector', async () => {
    await recorded('');
    assert.equal(harness.sampler.startedWith?.samplingIntervalMicros, 10_101);
    await recorded('hz=1000');
    assert.equal(harness.sampler.startedWith?.samplingIntervalMicros, 1_010);
  });

  it('records line by line without the collector', async () => {
    const { status, headers, body } = await recorded('lines=1&hz=100');
    assert.equal(status, 200);
    assert.equal(headers['content-disposition'], 'attachment; filename="profile-lines.pb.gz"');
    assert.deepEqual(plain(Profile.decode(gunzipSync(body)))[0]?.stack, ['line']);
    assert.equal(harness.lines.intervalMicros, 10_101);
    assert.equal(harness.lines.running, 0);
    assert.deepEqual(harness.sampler.calls, []);
  });

  it('says why a line-level profile cannot be recorded', async () => {
    harness.lines.failure = new Error('somebody else does');
    const { status, text } = await harness.get('/profile?lines=1');
    assert.deepEqual([status, text], [503, 'the recording failed: somebody else does\n']);
    harness.lines.failure = undefined;
    assert.equal((await recorded('lines=1')).status, 200);
  });

  it('says why a recording failed after it began', async () => {
    const response = harness.get('/profile?seconds=1');
    await until(() => harness.clock.pendingTimers > 0);
    harness.sampler.stopError = new Error('broke');
    harness.clock.advance(1_000);
    const { status, text } = await response;
    assert.deepEqual([status, text], [503, 'the recording failed: broke\n']);
    assert.equal(harness.clock.pendingTimers, 0);
  });
});

const profile = profileOf({
  comments: ['a test'],
  samples: [
    { stack: ['a'], labels: { rule: 'r1', tenant: 't1' }, values: [1] },
    { stack: ['a'], labels: { rule: 'r2', tenant: 't1' }, values: [2] },
    { stack: ['a'], labels: { rule: 'r3', tenant: 't2' }, values: [4] },
    { stack: ['a'], labels: { rule: 'r1' }, values: [8] },
    { stack: ['a'], values: [16] },
  ],
});

const selectByLabels = (...args: Parameters<typeof selectInSteps>) =>
  allAtOnce(selectInSteps(...args));

const total = (labels: Record<string, string[]>): number =>
  plain(selectByLabels(profile, labels)).reduce((sum, { values }) => sum + values[0]!, 0);

describe('selectInSteps', () => {
  it('keeps samples with any of the values of each label', () => {
    assert.equal(total({ rule: ['r1'] }), 9);
    assert.equal(total({ rule: ['r1', 'r3'] }), 13);
    assert.equal(total({ rule: ['r1', 'r3'], tenant: ['t1'] }), 1);
    assert.equal(total({ rule: ['constructor'] }), 0);
    assert.equal(selectByLabels(profile, {}), profile);
  });

  it('adds a comment about the selection', () => {
    assert.deepEqual(comments(selectByLabels(profile, { rule: ['r1', 'r"2'] })), [
      'a test',
      'only samples with rule="r1" or "r\\"2"',
    ]);
  });

  it('gives no samples for an unknown value, and lists the known ones', () => {
    const result = selectByLabels(profile, { rule: ['r9'] });
    assert.deepEqual(plain(result), []);
    assert.equal(
      comments(result).at(-1),
      'no sample has that rule; values of rule: "r1", "r2", "r3"',
    );
  });

  it('refuses an unknown label where samples have other labels', () => {
    assert.deepEqual(
      httpError(() => selectByLabels(profile, { second: ['5'] })),
      [404, 'no sample has a label "second"; labels: "rule", "tenant"'],
    );
    const unlabeled = profileOf({ samples: [{ stack: ['a'], values: [1] }] });
    assert.deepEqual(plain(selectByLabels(unlabeled, { rule: ['r1'] })), []);
  });

  it('shortens long lists', () => {
    const many = profileOf({
      samples: Array.from({ length: 1_000 }, (_, i) => ({
        stack: ['a'],
        labels: { rule: `${i}`.padEnd(1_000, 'x') },
        values: [1],
      })),
    });
    const last = comments(selectByLabels(many, { rule: ['r9'] })).at(-1)!;
    assert.ok(last.endsWith(', 980 more') && last.length < 3_000, `${last.length}`);
  });
});
