import { strict as assert } from 'node:assert';
import { type PprofCopy, copyPprof } from '../support/pprofCopy';
import { run } from '../support/processes';

/** Names of the folders above the second copy. A project can have such names in its path. */
const PATHS = [[], ['build', 'app'], ['prebuilds', 'build']];

for (const path of PATHS) {
  describe(`a second profiler of the process below /${path.join('/')}`, () => {
    let copy: PprofCopy;
    before(() => (copy = copyPprof(...path)));
    after(() => copy.remove());

    /** Runs a program, which must end by itself, and returns the lines that it printed. */
    async function linesOf(program: string): Promise<string[]> {
      const child = run(process.execPath, ['--eval', prelude(copy.folder) + program], {
        cwd: __dirname,
      });
      assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
      return child
        .output()
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('(Use '));
    }

    it('starts without an error while rulescope samples, says so once, and samples later', async () => {
      const lines = await linesOf(`
        const consumer = consume();
        for (let round = 0; round < 2; round++) {
          other.start({ withContexts: true, collectCpuTime: true });
          other.setContext({ rule: 'x' });
          burn(100);
          console.log('profile while rulescope samples', samplesOf(other.stop(round === 1)));
          if (round === 1) other.stop();
        }
        other.start();
        burn(100);
        consumer.remove().then(() => {
          other.stop(true);
          burn(200);
          console.log('profile afterwards', samplesOf(other.stop()) > 0);
          console.log('windows', ...windows);
        });
      `);
      assert.deepEqual(lines.filter(isNoWarning), [
        'profile while rulescope samples 0',
        'profile while rulescope samples 0',
        'profile afterwards true',
        'windows sampled',
      ]);
      const warnings = lines.filter((line) => !isNoWarning(line));
      assert.equal(warnings.length, 1, lines.join('\n'));
      assert.match(warnings[0]!, /RULESCOPE_OTHER_PROFILER.*another profiler was started.*install/);
    });

    it('keeps sampling when rulescope starts later, which says so once and samples after it', async () => {
      const lines = await linesOf(`
        other.start();
        let consumer = consume();
        burn(300);
        consumer.remove().then(() => {
          console.log('profile', samplesOf(other.stop()) > 0);
          consumer = consume();
          burn(200);
          return consumer.remove();
        }).then(() => console.log('windows', ...windows));
      `);
      assert.deepEqual(lines.filter(isNoWarning), [
        'profile true',
        'windows SamplerUnavailableError sampled',
      ]);
      const warnings = lines.filter((line) => !isNoWarning(line));
      assert.equal(warnings.length, 1, lines.join('\n'));
      assert.match(
        warnings[0]!,
        /RULESCOPE_OTHER_PROFILER.*rulescope does not sample.*stop that one/,
      );
    });

    it('is silent until it is stopped, also while windows close and sampling restarts', async () => {
      const lines = await linesOf(`
        let consumer = consume();
        other.start();
        other.stop(true);
        consumer.remove().then(() => {
          consumer = consume();
          sharedCollector().openSpan({ samplingIntervalMicros: 1009 }).close();
          burn(100);
          console.log('profile', samplesOf(other.stop()));
          return consumer.remove();
        }).then(() => console.log('windows', ...windows));
      `);
      assert.deepEqual(lines.filter(isNoWarning), [
        'profile 0',
        'windows sampled sampled sampled sampled',
      ]);
    });
  });
}

function prelude(folder: string): string {
  return `
    const { sharedCollector } = require('@rulescope/profiler');
    const other = require(${JSON.stringify(folder)}).time;
    const windows = [];
    const consume = () => sharedCollector({ windowMillis: 600_000 }).addConsumer('c', ({ error }) => {
      windows.push(error?.name ?? 'sampled');
    });
    const burn = (millis) => { for (const end = Date.now() + millis; Date.now() < end;); };
    const samplesOf = ({ sample }) => sample.length;
  `;
}

function isNoWarning(line: string): boolean {
  return !line.includes('Warning:');
}
