import { strict as assert } from 'node:assert';
import { runProgram } from '../support/runProgram';

/** CPU of the profiles of both threads, and of the process meanwhile, milliseconds. */
interface Figures {
  readonly main: number;
  readonly worker: number;
  readonly otherThreads: number;
  readonly process: number;
}

const COMMON = `
  const { time } = load('datadog');
  const OPTIONS = { withContexts: true, collectCpuTime: true, intervalMicros: 2_003 };
  function burn(millis) {
    let x = 1;
    for (const end = cpuMillis() + millis; cpuMillis() < end; ) for (let i = 0; i < 10_000; i++) x = Math.sqrt(x + i);
  }
  const cpuMillis = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
  /** Returns the CPU in a profile, milliseconds: of functions that match. */
  function cpuOf(profile, pattern = /./) {
    const { strings } = profile.stringTable;
    const names = new Map(profile.function.map(({ id, name }) => [Number(id), strings[Number(name)]]));
    const leaves = new Map(profile.location.map(({ id, line }) => [Number(id), names.get(Number(line[0].functionId))]));
    const samples = profile.sample.filter(({ locationId }) => pattern.test(leaves.get(Number(locationId[0]))));
    return samples.reduce((sum, { value }) => sum + Number(value[2]), 0) / 1e6;
  }
`;

const MAIN = `${COMMON}
  const { Worker } = require('node:worker_threads');
  time.start(OPTIONS);
  const before = cpuMillis();
  const worker = new Worker('./worker.cjs');
  worker.once('message', (inWorker) => {
    const profile = time.stop();
    console.log(JSON.stringify({
      main: cpuOf(profile),
      worker: inWorker,
      otherThreads: cpuOf(profile, /^Non JS threads activity$/),
      process: cpuMillis() - before,
    }));
    worker.terminate();
  });
`;

const WORKER = `
  require('./loader.cjs');
  ${COMMON}
  const { parentPort } = require('node:worker_threads');
  time.start(OPTIONS);
  burn(600);
  parentPort.postMessage(cpuOf(time.stop()));
`;

describe('the drop-in in a worker', function () {
  this.timeout(60_000);

  it('counts the CPU of the worker once', async () => {
    const figures = await runProgram<Figures>({ 'main.cjs': MAIN, 'worker.cjs': WORKER });
    const text = JSON.stringify(figures);
    assert.ok(figures.worker > 300, text);
    // Counted twice, the sum would be half as much again.
    assert.ok(figures.main + figures.worker <= figures.process * 1.1, text);
    assert.ok(figures.otherThreads > 0, text);
  });
});
