import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Profile } from 'pprof-format';
import { mergeProfiles } from '@rulescope/profiler/pprof';
import {
  type TopOptions,
  diff,
  formatTop,
  mapSources,
  sourceMapLookup,
  top,
} from '@rulescope/profiler/report';
import { GoPprof } from '../support/goPprof';
import { contentOf, profileOf, specs, withPrefix } from '../support/randomProfiles';
import { recordProfile } from '../support/recordedProfile';

/** Number of profiles. One file has all of them, so that pprof starts only once. */
const PROFILES = 120;
/**
 * Runs a property once. A start of pprof costs more than reading a large file, so a failing input
 * is not made smaller. It is not printed either, because its seed reproduces it.
 */
const once = <T>(): fc.Parameters<T> => ({
  numRuns: 1,
  endOnFailure: true,
  reporter: ({ failed, seed, counterexamplePath, errorInstance }) => {
    if (failed)
      throw new Error(`seed ${seed}, path ${counterexamplePath}`, { cause: errorInstance });
  },
});
const EXACT = ['-unit=nanoseconds', '-nodefraction=0'];
const EXACT_OURS = { unit: 'nanoseconds', nodeFraction: 0 };

describe('reports, compared with the real go tool pprof', function () {
  this.timeout(60_000);
  const pprof = new GoPprof();
  after(() => pprof.remove());

  const many = (options: Parameters<typeof specs>[0]) =>
    fc
      .array(specs(options), { minLength: PROFILES, maxLength: PROFILES })
      .map((parts) => parts.map((part, index) => withPrefix(`p${index}/`, part)));

  for (const [sampleType, granularity] of [
    ['first', 'functions'],
    ['second', 'filefunctions'],
    ['second', 'lines'],
  ] as const) {
    it(`top has the exact figures of ${PROFILES} profiles: ${granularity}`, async () => {
      await fc.assert(
        fc.asyncProperty(many({ negative: true, inlined: 2 }), async (parts) => {
          const path = pprof.write(profileOf(...parts));
          const options = [`-sample_index=${sampleType}`, `-${granularity}`];
          const theirs = await pprof.figures(...options, path);
          const ours = parts.flatMap((part) => {
            const profile = Profile.decode(profileOf(part).encode());
            return top(profile, { sampleType, granularity }).entries.map(
              ({ name, flat, cum }) => [name, { flat: String(flat), cum: String(cum) }] as const,
            );
          });
          assert.ok(ours.length > PROFILES, 'too few functions');
          assert.deepEqual(new Map(ours), theirs);
        }),
        once(),
      );
    });
  }

  it('formatTop prints the same text', async () => {
    await fc.assert(
      fc.asyncProperty(many({ negative: true }), async (parts) => {
        const profile = profileOf(...parts);
        const path = pprof.write(profile);
        assert.equal(formatTop(top(profile), EXACT_OURS), await pprof.top(...EXACT, path));
        // The same with the unit that pprof chooses: small values then have two decimals.
        assert.equal(formatTop(top(profile)), await pprof.top(path));
      }),
      once(),
    );
  });

  for (const unit of [
    'nanoseconds',
    'microseconds',
    'ms',
    'seconds',
    'bytes',
    'count',
    '',
    'drops',
  ]) {
    it(`formatTop prints the same text by default: ${unit || 'no unit'}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          specs({ units: [unit], max: unit === 'seconds' ? 2 ** 24 : 2 ** 36 }),
          async (spec) => {
            const profile = profileOf(spec);
            assert.equal(formatTop(top(profile)), await pprof.top(pprof.write(profile)));
          },
        ),
        { ...once(), numRuns: 2 },
      );
    });
  }

  it('formatTop shows the same number of functions, and prints how many there are', async () => {
    await fc.assert(
      fc.asyncProperty(many({}), async (parts) => {
        const profile = profileOf(...parts.slice(0, 9));
        const theirs = await pprof.top('-nodecount=7', '-nodefraction=0.02', pprof.write(profile));
        assert.equal(formatTop(top(profile), { nodeCount: 7, nodeFraction: 0.02 }), theirs);
      }),
      once(),
    );
  });

  it('top with labels counts the same samples as -tagfocus', async () => {
    await fc.assert(
      fc.asyncProperty(many({}), async (parts) => {
        const profile = profileOf(...parts);
        const theirs = await pprof.top(...EXACT, '-tagfocus=rule=r2', pprof.write(profile));
        assert.equal(formatTop(top(profile, { labels: { rule: 'r2' } }), EXACT_OURS), theirs);
      }),
      once(),
    );
  });

  it('diff returns the same profile as -diff_base', async () => {
    await fc.assert(
      fc.asyncProperty(many({}), fc.infiniteStream(fc.nat(2)), async (parts, choices) => {
        const choose = (part: (typeof parts)[number]) => {
          const samples = part.samples.filter(() => choices.next().value !== 0);
          return { ...part, samples };
        };
        const [base, other] = [profileOf(...parts.map(choose)), profileOf(...parts.map(choose))];
        const paths = [`-diff_base=${pprof.write(base)}`, pprof.write(other)];
        const ours = diff(base, other);
        assert.deepEqual(contentOf(ours), contentOf(await pprof.proto(...paths)));
        assert.equal(formatTop(top(ours), EXACT_OURS), await pprof.top(...EXACT, ...paths));
        // pprof reads our profile as the same comparison.
        assert.equal(formatTop(top(ours)), await pprof.top(pprof.write(ours)));
      }),
      once(),
    );
  });

  it('mergeProfiles returns the same profile as -proto', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(specs({ negative: true, inlined: 2 }), { minLength: 40, maxLength: 40 }),
        async (parts) => {
          // Twenty profiles occur twice, so that there are values to sum.
          const profiles = [...parts, ...parts.slice(20)].map((part) => profileOf(part));
          const theirs = await pprof.proto(...profiles.map((profile) => pprof.write(profile)));
          const ours = mergeProfiles(profiles);
          assert.ok(ours.sample.length > 40);
          assert.deepEqual(contentOf(ours), contentOf(theirs));
          assert.equal(BigInt(ours.durationNanos), BigInt(theirs.durationNanos));
          assert.equal(BigInt(ours.timeNanos), BigInt(theirs.timeNanos));
        },
      ),
      once(),
    );
  });

  it('top shows the same figures of a recorded profile', async () => {
    const profile = await recordProfile();
    const path = pprof.write(profile);
    const views: [string[], TopOptions][] = [
      [['-sample_index=cpu'], { sampleType: 'cpu' }],
      [['-sample_index=wall', '-lines'], { sampleType: 'wall', granularity: 'lines' }],
      [
        ['-sample_index=samples', '-tagfocus=rule=r1'],
        { sampleType: 'samples', labels: { rule: 'r1' } },
      ],
    ];
    for (const [args, options] of views) {
      assert.equal(formatTop(top(profile, options)), await pprof.top(...args, path));
    }
    const theirs = await pprof.figures('-sample_index=cpu', path);
    const { entries } = top(profile, { sampleType: 'cpu' });
    assert.deepEqual(
      new Map(entries.map(({ name, flat, cum }) => [name, { flat: `${flat}`, cum: `${cum}` }])),
      theirs,
    );
    // The recorded code is TypeScript, compiled with a source map.
    const [burned] = top(mapSources(profile, sourceMapLookup()), {
      granularity: 'lines',
    }).entries.filter(({ functionName }) => functionName === 'burn');
    const source = join(__dirname, '../../support/recordedProfile.ts');
    const line = readFileSync(source, 'utf8')
      .split('\n')
      .indexOf('function burn(rounds: number): number {');
    assert.deepEqual([burned?.file, burned?.line], [source, line + 1]);
    assert.ok((theirs.get('burn')?.flat.length ?? 0) > 5, 'the function `burn` is missing');
  });
});
