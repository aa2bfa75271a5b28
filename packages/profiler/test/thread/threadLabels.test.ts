import assert from 'node:assert/strict';
import { runInChild } from '../support/runInChild';

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
});
