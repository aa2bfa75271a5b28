/** A pool of one thread, so both rules are sampled there alike. Arguments: setup, library, task. */
const [, , setup, library, filename] = process.argv;
const { report, see } = require(setup);
const Piscina = require(library);
const { withRule, getRule } = require('rulescope');

async function main() {
  const options = { filename, maxThreads: 1, atomics: 'disabled' };
  const pool = new Piscina(options);
  const task = async (rule, units, more) => {
    const run = () =>
      pool.run(units, more).finally(() => see(`the caller ${rule}`, getRule() ?? null));
    const { value, rules } = await (rule === 'none' ? run() : withRule(rule, run));
    for (const seen of rules) see(`a task of ${rule}`, seen);
    return value;
  };
  const failure = (run) =>
    run().then(
      () => 'none',
      // With the adapter, another file imports the handler.
      ({ name, message }) => `${name}: ${message.replace(/ imported from .*/, '')}`,
    );
  const bytes = new Uint8Array([1, 2, 3]).buffer;
  const results = [
    // All at once: most wait in the queue until the thread is free.
    await Promise.all([task('heavy', 3), task('light', 1), task('none', 1), task('heavy', 3)]),
    await failure(() => task('heavy', 2, { name: 'refuse' })),
    await failure(() => task('heavy', 2, { name: 'missing' })),
    await failure(() => task('heavy', 2, { filename: `${filename}.missing` })),
    await failure(() => task('heavy', () => {})),
    await failure(() => task('heavy', 3, { signal: AbortSignal.abort() })),
    await withRule('heavy', () =>
      pool.run({ bytes }, { filename: require.resolve('./bytes.mjs'), transferList: [bytes] }),
    ),
    bytes.byteLength,
  ];
  const both = () => Promise.all([task('heavy', 3), task('light', 1)]);
  await report(results, ['heavy', 'light'], both, () => pool.close());
}

main();
