import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runInChild } from '../support/runInChild';

const SRC = join(__dirname, '../../src');

/** Counts loaded native modules: the cache of `require` plus the report of the system. */
const NATIVE = `[
  ...Object.keys(require.cache).filter((file) => file.endsWith('.node')),
  ...process.report.getReport().sharedObjects.filter((file) => file.endsWith('.node')),
].length`;

describe('runWithLabels', () => {
  it('loads no native code and creates no collector', async () => {
    const { stdout, stderr } = await runInChild(`
      const { runWithLabels, getLabels, carryLabels, sampleWorker } = load('index');
      sampleWorker().stop();
      runWithLabels({ rule: 'a' }, async () => {
        await null;
        carryLabels({});
        console.log(getLabels(), ${NATIVE});
        load('index').samplerSupport();
        console.log(${NATIVE} > 0);
      });
    `);
    assert.deepEqual({ stdout, stderr }, { stdout: "{ rule: 'a' } 0\ntrue\n", stderr: '' });
  });

  it('labels samples from the next entry on if the sampler is loaded within a flow', async () => {
    const { stdout, stderr } = await runInChild(`
      const { attributeCpu, runWithLabels, sharedCollector } = load('index');
      const { burnCpu } = load('../test/support/burn');
      const burn = () => runWithLabels({ rule: 'inner' }, burnCpu, 100);
      runWithLabels({ rule: 'outer' }, () => {
        const span = sharedCollector({ samplingIntervalMicros: 1_009 }).openSpan();
        burn();
        console.log([...attributeCpu(span.close(), 'rule').labels.keys()].includes('inner'));
      });
    `);
    assert.deepEqual({ stdout, stderr }, { stdout: 'true\n', stderr: '' });
  });

  for (const [what, load] of Object.entries({
    'createPprofHandler()': `load('http').createPprofHandler()`,
    'samplerSupport()': `load('index').samplerSupport()`,
  })) {
    it(`labels a flow from the first sample if ${what} was called before`, async () => {
      const { stdout, stderr } = await runInChild(`
        const { attributeCpu, runWithLabels, sharedCollector } = load('index');
        const { burnCpu } = load('../test/support/burn');
        ${load};
        runWithLabels({ rule: 'early' }, async () => {
          await null;
          const span = sharedCollector({ samplingIntervalMicros: 1_009 }).openSpan();
          burnCpu(100);
          console.log([...attributeCpu(span.close(), 'rule').labels.keys()].join());
        });
      `);
      assert.deepEqual({ stdout, stderr }, { stdout: 'early\n', stderr: '' });
    });
  }

  it('labels a worker from the first sample if sampleWorker() was called before', async () => {
    const { stdout, stderr } = await runInChild(`
      const { Worker } = require('node:worker_threads');
      const { attributeCpu, sharedCollector } = load('index');
      const path = JSON.stringify(require('node:path').join(${JSON.stringify(SRC)}, 'index'));
      const worker = new Worker(
        'const { runWithLabels, sampleWorker } = require(' + path + ');' +
        'sampleWorker();' +
        'const burn = () => { const end = Date.now() + 20; while (Date.now() < end); };' +
        'const { parentPort } = require("node:worker_threads");' +
        'runWithLabels({ rule: "w" }, async () => {' +
        '  for (;;) { burn(); await new Promise(setImmediate); }' +
        '});' +
        'parentPort.postMessage("running");',
        { eval: true },
      );
      worker.once('message', () => {
        const options = { samplingIntervalMicros: 1_009, windowMillis: 200 };
        const consumer = sharedCollector(options).addConsumer('c', (window) => {
          if (window.origin.threadId === 0 || window.samples.taken === 0) return;
          console.log([...attributeCpu(window, 'rule').labels.keys()].join());
          consumer.remove();
          worker.terminate();
        });
      });
    `);
    assert.deepEqual({ stdout: stdout.split('\n')[0], stderr }, { stdout: 'w', stderr: '' });
  });

  it('leaves out labels that are no strings, which no profile can have', async () => {
    const { stdout, stderr } = await runInChild(`
      const { getLabels, runWithLabels } = load('index');
      runWithLabels({ rule: 'a', tenant: undefined, size: 5n, on: null }, () => console.log(getLabels()));
    `);
    assert.deepEqual({ stdout, stderr }, { stdout: "{ rule: 'a' }\n", stderr: '' });
  });
});
