import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { mapToSources } from '../../src/http/mapToSources';
import type { Profile as PprofProfile } from '../../src/pprof/Profile';
import { ProfileReader } from '../../src/pprof/ProfileReader';
import { PprofHarness } from '../support/PprofHarness';
import { profileOf } from '../support/profiles';
import { until } from '../support/until';

/** This file as it runs: it has a source map. */
const profile = profileOf({
  samples: [
    {
      stack: [
        { name: 'f', file: __filename, line: 20 },
        { name: 'g', file: '/no.js', line: 2 },
      ],
      values: [1],
    },
  ],
});

function filesOf(mapped: PprofProfile): string[] {
  const reader = new ProfileReader(mapped);
  return reader.samples.flatMap((sample) =>
    reader.stack(sample).flatMap((at) => reader.frames(at).map(({ file }) => file)),
  );
}

describe('mapToSources', () => {
  it('gives places in the sources, where a map on disk has them', async () => {
    for (const given of [profile, profile.encode()]) {
      const [first, second] = filesOf(await mapToSources(given));
      assert.match(first!, /\/test\/http\/mapToSources\.test\.ts$/);
      assert.equal(second, '/no.js');
    }
  });

  it('happens for sources=1', async () => {
    const harness = await new PprofHarness().start();
    const files = async (query: string): Promise<string[]> => {
      const response = harness.get(`/heap?seconds=1${query}`);
      await until(() => harness.clock.pendingTimers > 0);
      harness.clock.advance(1_000);
      return filesOf(Profile.decode(gunzipSync((await response).body)));
    };
    try {
      const wrong = await harness.get('/heap?sources=x');
      assert.deepEqual([wrong.status, wrong.text], [400, 'sources must be 0 or 1; got "x"\n']);
      harness.heap.open = () => ({ profile: () => profile, close: () => undefined });
      assert.match((await files('&sources=1'))[0]!, /\.ts$/);
      assert.match((await files(''))[0]!, /\.js$/);
    } finally {
      await harness.stop();
    }
  });
});
