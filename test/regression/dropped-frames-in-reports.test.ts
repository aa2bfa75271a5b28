import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { Profile } from 'pprof-format';
import { mergeProfiles } from '@rulescope/profiler/pprof';
import { fold, formatTop, top } from '@rulescope/profiler/report';
import { GoPprof } from '../support/goPprof';
import { contentOf, profileOf, specs, withPrefix } from '../support/randomProfiles';

/** Number of profiles. One file has all of them, so that pprof starts only once. */
const PROFILES = 40;
const SPECS = fc.array(specs({ inlined: 2 }), { minLength: PROFILES, maxLength: PROFILES });
const EXACT = ['-unit=nanoseconds', '-nodefraction=0'];

/** Returns random profiles as one, with the two fields of the header. */
function withFrames(dropFrames: string, keepFrames: string): Profile {
  const [parts] = fc.sample(SPECS, 1);
  const profile = profileOf(...parts!.map((part, index) => withPrefix(`p${index}/`, part)));
  profile.dropFrames = profile.stringTable.dedup(dropFrames);
  profile.keepFrames = profile.stringTable.dedup(keepFrames);
  return profile;
}

describe('frames that a profile asks to drop', function () {
  this.timeout(60_000);
  const pprof = new GoPprof();
  after(() => pprof.remove());

  for (const [drop, keep] of [
    ['.*/[ab]', ''],
    ['.*/[abé]|p\\d+/', '.*/b'],
    ['.*', ''],
  ] as const) {
    it(`are dropped as in go tool pprof: ${drop} without ${keep || 'an exception'}`, async () => {
      const profile = withFrames(drop, keep);
      const path = pprof.write(profile);
      assert.equal(
        formatTop(top(profile), { unit: 'nanoseconds', nodeFraction: 0 }),
        await pprof.top(...EXACT, path),
      );
      assert.deepEqual(
        contentOf(mergeProfiles([profile])),
        contentOf(await pprof.proto('-sample_index=first', path)),
      );
    });
  }

  it('are not in folded stacks', async () => {
    const profile = withFrames('.*/a', '');
    const dropped = await pprof.proto(pprof.write(profile));
    dropped.dropFrames = 0;
    assert.equal(fold(profile), fold(dropped));
  });
});
