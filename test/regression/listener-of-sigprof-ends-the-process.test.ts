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

/** Main threads that have loaded the sampler and do not run it. */
const UNSAMPLED_MAIN_THREADS: Record<string, string> = {
  'no more': `
    const { sharedCollector } = require('@rulescope/profiler');
    sharedCollector().openSpan().close();
  `,
  'never before': `require('@rulescope/profiler').samplerSupport();`,
  'by a call that is for workers': `require('@rulescope/profiler').sampleWorker();`,
};

const ROUNDS = 5;

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

  it('added and removed many times in one turn neither end the process nor sampling', async () => {
    const child = run(process.execPath, ['--eval', repeated()], { cwd: __dirname });
    assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
    const rounds = JSON.parse(child.output()) as { complete: boolean; rate: number }[][];
    assert.equal(rounds.length, ROUNDS);
    for (const [round, windows] of rounds.entries()) {
      // Only the first listener that the process ever has cuts the recording.
      assert.equal(windows.length, round === 0 ? 4 : 3);
      const last = windows.at(-1)!;
      windows.forEach(({ complete, rate }, i) => {
        // V8 itself stops delivering samples at times. The window then says so, and the next one
        // has samples again.
        assert.ok(complete || windows[i + 1]?.complete !== false, child.output());
        assert.ok(!complete || rate > last.rate / 5, child.output());
      });
    }
  });

  for (const [name, main] of Object.entries(UNSAMPLED_MAIN_THREADS)) {
    it(`removed while only a worker is sampled do not end the process: ${name}`, async () => {
      const child = run(process.execPath, ['--eval', onlyWorker(main)], { cwd: __dirname });
      assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
      assert.equal(child.output().trim(), 'sampled');
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

/** Prints the windows of some rounds. Each round adds and removes listeners in its first window. */
function repeated(): string {
  return `
    const { sharedCollector } = require('@rulescope/profiler');
    const burn = (millis) => { for (const end = Date.now() + millis; Date.now() < end;); };
    const collector = sharedCollector({ windowMillis: 600_000 });
    const rounds = [];
    (async () => {
      while (rounds.length < ${ROUNDS}) {
        const windows = [];
        const consumer = collector.addConsumer('c', ({ complete, samples, cpu }) => {
          windows.push({ complete, rate: samples.taken / cpu.threadSeconds });
        });
        burn(50);
        for (let i = 0; i < rounds.length + 1; i++) {
          const listener = () => undefined;
          process.on('SIGPROF', listener);
          process.off('SIGPROF', listener);
        }
        burn(250);
        collector.rotate();
        burn(250);
        collector.rotate();
        burn(250);
        await consumer.remove();
        rounds.push(windows);
      }
      console.log(JSON.stringify(rounds));
    })();
  `;
}

/** Adds and removes a listener while only a worker is sampled, which then says so and ends. */
function onlyWorker(main: string): string {
  const worker = `
    const { parentPort } = require('node:worker_threads');
    const { sharedCollector } = require('@rulescope/profiler');
    const burn = (millis) => { for (const end = Date.now() + millis; Date.now() < end;); };
    const consumer = sharedCollector().addConsumer('c', ({ samples }) => {
      console.log(samples.taken > 0 ? 'sampled' : 'not sampled');
    });
    burn(100);
    parentPort.postMessage('sampled');
    parentPort.once('message', () => {
      burn(300);
      void consumer.remove();
    });
  `;
  return `
    ${main}
    const worker = new (require('node:worker_threads').Worker)(${JSON.stringify(worker)}, { eval: true });
    worker.once('message', () => {
      const listener = () => undefined;
      process.on('SIGPROF', listener);
      process.off('SIGPROF', listener);
      worker.postMessage('removed');
    });
  `;
}
