/** Versions of Node.js, each with the major version of the OpenTelemetry SDK in its tests. */
const ROUNDS = [
  { node: '20', sdk: '2' },
  { node: '22', sdk: '3' },
  { node: '24', sdk: '3' },
  { node: '26', sdk: '3' },
];

const ONE_PROCESSOR = {
  name: 'one-processor',
  directory: 'packages/profiler',
  on: 'all',
  alone: true,
  ignore: ['build/test/!(sampler)/**', 'build/test/sampler/!(oneProcessor)*'],
};

/**
 * The suites of `npm test`, long ones first. `on`: all versions, or the `ends` (the oldest and the
 * newest). `measures`: compares sampled figures with an error of some percent, so only one such run
 * takes place at a time. `alone`: other load would hide the error that the test looks for, so it
 * runs after all others. `ignore`: files that do not belong to the suite. `scope`: length of
 * endurance tests (default: `full` on one version, `short` on the others).
 */
const SUITES = [
  {
    name: 'profiler',
    directory: 'packages/profiler',
    on: 'all',
    measures: true,
    ignore: ['build/test/sampler/oneProcessor.test.js'],
  },
  { name: 'system', directory: 'test', on: 'ends', ignore: ['build/!(system)/**'] },
  { name: 'regression', directory: 'test', on: 'ends', ignore: ['build/!(regression)/**'] },
  { name: 'conformance', directory: 'test', on: 'all', ignore: ['build/!(conformance)/**'] },
  { name: 'hunt', directory: 'examples/hunting-a-hot-spot', on: 'ends' },
  { name: 'fair-sampling', directory: 'packages/fair-sampling', on: 'all' },
  { name: 'instrumentation', directory: 'packages/instrumentation', on: 'all' },
  { name: 'exporter', directory: 'packages/exporter', on: 'all' },
  { name: 'rulescope', directory: 'packages/rulescope', on: 'all' },
  { name: 'benchmarks', directory: 'benchmarks', on: 'all' },
  { ...ONE_PROCESSOR, scope: 'short' },
];

/** The suites of `npm run test:ecosystem`: what takes too long for `npm test`. */
const ECOSYSTEM_SUITES = [
  { name: 'ecosystem', directory: 'test', on: 'ends', ignore: ['build/!(ecosystem)/**'] },
  { ...ONE_PROCESSOR, scope: 'full' },
];

/** Version on which endurance tests have their full length, if the suite runs on it. */
const ENDURANCE_NODE = '24';

/**
 * Returns the runs for the chosen versions of Node.js, in the order in which they should start:
 * those of `npm test`, or with `ecosystem` those of `npm run test:ecosystem`.
 */
export function planRuns(versions, ecosystem) {
  const chosen = ROUNDS.filter(({ node }) => versions.includes(node));
  const ends = chosen.filter((_, i) => i === 0 || i === chosen.length - 1);
  return (ecosystem ? ECOSYSTEM_SUITES : SUITES).flatMap((suite) => {
    const rounds = suite.on === 'all' ? chosen : ends;
    const endurance = rounds.find(({ node }) => node === ENDURANCE_NODE) ?? rounds.at(-1);
    const others = rounds.filter((round) => round !== endurance);
    return [
      { scope: 'full', ...suite, ...endurance },
      ...others.map((round) => ({ scope: 'short', ...suite, ...round })),
    ];
  });
}
