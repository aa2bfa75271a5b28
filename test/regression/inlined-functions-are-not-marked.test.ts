import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { formatTop, top } from '@rulescope/profiler/report';
import { GoPprof } from '../support/goPprof';
import { profileOf, specs, withPrefix } from '../support/randomProfiles';

const PROFILES = 50;
const SPECS = fc.array(specs({ inlined: 2, negative: true }), {
  minLength: PROFILES,
  maxLength: PROFILES,
});

describe('the text of top', function () {
  this.timeout(60_000);
  const pprof = new GoPprof();
  after(() => pprof.remove());

  it('marks inlined functions as go tool pprof does', async () => {
    const [parts] = fc.sample(SPECS, 1);
    // Few and many functions: in a large profile, most calls are too rare to count.
    for (const count of [3, PROFILES]) {
      const some = parts!.slice(0, count).map((part, index) => withPrefix(`p${index}/`, part));
      const profile = profileOf(...some);
      for (const granularity of ['functions', 'lines'] as const) {
        const args = ['-unit=nanoseconds', '-nodefraction=0', `-${granularity}`];
        const theirs = await pprof.top(...args, pprof.write(profile));
        const options = { unit: 'nanoseconds', nodeFraction: 0 };
        assert.equal(formatTop(top(profile, { granularity }), options), theirs);
        assert.match(theirs, / \(inline\)\n/);
      }
    }
  });
});
