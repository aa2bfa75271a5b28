import { strict as assert } from 'node:assert';
import v8 from 'node:v8';
import { run } from '../support/processes';

/** How other code starts and stops a profile. */
const MANNERS: Record<string, string> = {
  'a session of the inspector': `
    const session = new (require('node:inspector').Session)();
    session.connect();
    session.post('Profiler.enable');
    const profile = () => { session.post('Profiler.start'); session.post('Profiler.stop'); };
  `,
  'a session with promises': `
    const session = new (require('node:inspector/promises').Session)();
    session.connect();
    void session.post('Profiler.enable');
    const profile = () => { void session.post('Profiler.start'); return session.post('Profiler.stop'); };
  `,
  ...('startCpuProfile' in v8 && {
    'v8.startCpuProfile': `
      const profile = () => void require('node:v8').startCpuProfile().stop();
    `,
    // The program imports it before the profiler is loaded.
    'startCpuProfile, imported by name': `
      const profile = () => void startCpuProfile().stop();
    `,
  }),
};

/** Starts profiles while rulescope samples in long windows. */
async function profile(
  manner: string,
  times: number,
  timesBefore = 0,
): Promise<{
  /** Memory that remains, without that of the profiles before. */
  growthMegabytes: number;
  windows: number;
}> {
  const program = `
    ${'startCpuProfile' in v8 ? "import { startCpuProfile } from 'node:v8';" : ''}
    import { createRequire } from 'node:module';
    const require = createRequire(${JSON.stringify(__filename)});
    const { sharedCollector } = require('@rulescope/profiler');
    ${manner}
    let windows = 0;
    const consumer = sharedCollector({ windowMillis: 600_000 }).addConsumer('c', ({ complete }) => {
      if (complete) windows++;
    });
    const megabytes = () => { gc(); return process.memoryUsage.rss() / 2 ** 20; };
    (async () => {
      for (let i = 0; i < ${timesBefore}; i++) await profile();
      const before = megabytes();
      for (let i = 0; i < ${times}; i++) await profile();
      const growthMegabytes = megabytes() - before;
      await consumer.remove();
      console.log(JSON.stringify({ growthMegabytes, windows }));
      process.exit();
    })();
  `;
  const child = run(process.execPath, ['--expose-gc', '--input-type=module', '--eval', program], {
    cwd: __dirname,
  });
  assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
  return JSON.parse(child.output()) as { growthMegabytes: number; windows: number };
}

describe('beside profiles of other code', () => {
  for (const [name, manner] of Object.entries(MANNERS)) {
    it(`memory stays flat: ${name}`, async () => {
      // A running profiler keeps 0.5 MB (Node.js 20) to 2 MB (26) for each start of another one.
      const { growthMegabytes } = await profile(manner, 32, 16);
      assert.ok(growthMegabytes < 9, `${growthMegabytes} MB`);
    });

    it(`the sampler is renewed after eight starts: ${name}`, async () => {
      const { windows } = await profile(manner, 16);
      assert.equal(windows, 3);
    });
  }
});
