import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { PprofHarness } from '../../support/PprofHarness';
import { plain } from '../../support/pprof';
import { until } from '../../support/until';

describe('/debug/pprof/profile', () => {
  let harness: PprofHarness;

  beforeEach(async () => {
    harness = await new PprofHarness().start();
  });

  afterEach(() => harness.stop());

  /** The answer to a request that records a second. */
  async function recorded(query: string) {
    const response = harness.get(`/profile?seconds=1&${query}`);
    await until(() => harness.clock.pendingTimers > 0);
    harness.clock.advance(1_000);
    return response;
  }

  it('samples at the rate that is asked for, else at that of the collector', async () => {
    await recorded('');
    assert.equal(harness.sampler.startedWith?.samplingIntervalMicros, 10_101);
    await recorded('hz=1000');
    assert.equal(harness.sampler.startedWith?.samplingIntervalMicros, 1_010);
  });

  it('records line by line in a pass of its own', async () => {
    const { status, headers, body } = await recorded('lines=1&hz=100');
    assert.equal(status, 200);
    assert.equal(headers['content-disposition'], 'attachment; filename="profile-lines.pb.gz"');
    assert.deepEqual(plain(Profile.decode(gunzipSync(body)))[0]?.stack, ['line']);
    assert.equal(harness.lines.intervalMicros, 10_101);
    assert.equal(harness.lines.running, 0);
    assert.deepEqual(harness.sampler.calls, []);
  });

  it('says why lines cannot be recorded', async () => {
    harness.lines.failure = new Error('somebody else does');
    const { status, text } = await harness.get('/profile?lines=1');
    assert.deepEqual([status, text], [503, 'nothing could be recorded: somebody else does\n']);
    harness.lines.failure = undefined;
    assert.equal((await recorded('lines=1')).status, 200);
  });

  it('says why a profile that was begun did not come about', async () => {
    const response = harness.get('/profile?seconds=1');
    await until(() => harness.clock.pendingTimers > 0);
    harness.sampler.stopError = new Error('broke');
    harness.clock.advance(1_000);
    const { status, text } = await response;
    assert.deepEqual([status, text], [503, 'nothing could be recorded: broke\n']);
    assert.equal(harness.clock.pendingTimers, 0);
  });
});
