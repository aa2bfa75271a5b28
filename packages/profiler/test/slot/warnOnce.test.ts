import assert from 'node:assert/strict';
import { runInChild } from '../support/runInChild';

/** Warns from the main thread, a second copy of the package, and workers; prints the results. */
const PROGRAM = `
  const { Worker } = require('node:worker_threads');
  const { once } = require('node:events');
  const path = require.resolve(${JSON.stringify(require.resolve('../../src/slot/warnOnce'))});
  const { warnOnce, isFlagRaised } = require(path);
  const inWorker = async (code) => {
    const worker = new Worker(
      'const { parentPort } = require("node:worker_threads");' +
      'const { warnOnce, isFlagRaised, raiseFlag } = require(' + JSON.stringify(path) + ');' +
      'parentPort.postMessage(' + code + ')', { eval: true });
    return (await once(worker, 'message'))[0];
  };
  (async () => {
    const results = [
      warnOnce('first', 'RULESCOPE_RULE_ID'),
      warnOnce('again', 'RULESCOPE_RULE_ID'),
      await inWorker('warnOnce("again", "RULESCOPE_RULE_ID")'),
      await inWorker('warnOnce("of a worker", "RULESCOPE_NO_WORKERS")'),
      await inWorker('warnOnce("again", "RULESCOPE_NO_WORKERS")'),
      warnOnce('again', 'RULESCOPE_NO_WORKERS'),
      isFlagRaised('collects'),
      await inWorker('raiseFlag("collects")'),
      isFlagRaised('collects'),
    ];
    delete require.cache[path];
    results.push(require(path).warnOnce('again', 'RULESCOPE_RULE_ID'));
    console.log(JSON.stringify(results));
  })();
`;

describe('warnOnce', () => {
  it('warns once per process and code, over all threads and copies', async () => {
    const { code, stdout, stderr } = await runInChild(PROGRAM);
    assert.equal(code, 0, stderr);
    const results = [true, false, false, true, false, false, false, true, true, false];
    assert.deepEqual(JSON.parse(stdout), results);
    assert.deepEqual(stderr.match(/\[RULESCOPE_\w+\] Warning: .*/g), [
      '[RULESCOPE_RULE_ID] Warning: first',
      '[RULESCOPE_NO_WORKERS] Warning: of a worker',
    ]);
  });
});
