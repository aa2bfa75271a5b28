import { strict as assert } from 'node:assert';
import { run } from '../support/processes';

/** What the application does with listeners of SIGPROF, before sampling and during it. */
const CASES: Record<string, { readonly before?: string; readonly during?: string }> = {
  'added during sampling': { during: `process.on('SIGPROF', listener)` },
  'added and removed during sampling': {
    during: `process.on('SIGPROF', listener); burn(50); process.off('SIGPROF', listener)`,
  },
  'added before sampling and removed during it': {
    before: `process.on('SIGPROF', listener)`,
    during: `process.off('SIGPROF', listener)`,
  },
  'removed all at once during sampling': {
    before: `process.on('SIGPROF', listener)`,
    during: `process.removeAllListeners('SIGPROF')`,
  },
  'added and removed beside a profile of the inspector': {
    before: `end = startInspector()`,
    during: `process.on('SIGPROF', listener); burn(50); process.off('SIGPROF', listener)`,
  },
  'added and removed during a profile by line': {
    before: `const lines = require('@rulescope/profiler/lines').startLineProfile(); end = () => lines.stop()`,
    during: `process.on('SIGPROF', listener); burn(50); process.off('SIGPROF', listener)`,
  },
};

describe('listeners of SIGPROF', () => {
  for (const [name, { before = '', during = '' }] of Object.entries(CASES)) {
    it(`${name} neither end the process nor take samples away`, async () => {
      const child = run(process.execPath, ['--eval', program(before, during)], { cwd: __dirname });
      assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
      const windows = JSON.parse(child.output()) as { complete: boolean; rate: number }[];
      const last = windows.at(-1)!;
      for (const { complete, rate } of windows) {
        assert.equal(complete, true);
        // Without the signals after a listener was added, the first window has a tenth of the rate.
        // Waiting for the processor adds samples without CPU.
        assert.ok(rate > last.rate / 5, child.output());
      }
    });
  }

  it('that the application added before sampling get the signal after it', async () => {
    const child = run(
      process.execPath,
      [
        '--eval',
        program(
          `process.on('SIGPROF', () => { console.log('got it'); clearInterval(alive); })`,
          '',
        ) + `const alive = setInterval(() => process.kill(process.pid, 'SIGPROF'), 10);`,
      ],
      { cwd: __dirname },
    );
    assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
    assert.match(child.output(), /got it/);
  });
});

function program(before: string, during: string): string {
  return `
    const { sharedCollector } = require('@rulescope/profiler');
    const burn = (millis) => { for (const end = Date.now() + millis; Date.now() < end;); };
    const startInspector = () => {
      const session = new (require('node:inspector').Session)();
      session.connect();
      session.post('Profiler.enable');
      session.post('Profiler.start');
      return () => session.disconnect();
    };
    let end = () => undefined;
    const listener = () => undefined;
    const windows = [];
    ${before};
    const collector = sharedCollector({ windowMillis: 600_000 });
    const consumer = collector.addConsumer('c', ({ complete, samples, cpu }) => {
      windows.push({ complete, rate: samples.taken / cpu.threadSeconds });
    });
    burn(50);
    ${during};
    burn(450);
    collector.rotate();
    burn(300);
    void consumer.remove().then(() => console.log(JSON.stringify(windows))).then(() => end());
  `;
}
