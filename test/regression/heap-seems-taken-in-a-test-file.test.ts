import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { run } from '../support/processes';

const REALM = JSON.stringify(join(__dirname, '../support/realm.js'));

const FILE = `
  const { heapSupport, openHeap } = require('@rulescope/profiler/heap');
  exports.supported = heapSupport().supported;
  const reader = openHeap();
  exports.types = reader.profile().sampleType.length;
  reader.close();
`;

describe('a test file with a globalThis of its own', () => {
  it('can sample the heap, although errors of native code are not of its class Error', async () => {
    const program = `
      const { runInRealm } = require(${REALM});
      for (let i = 0; i < 2; i++) console.log(JSON.stringify(runInRealm(${JSON.stringify(FILE)})));
    `;
    const child = run(process.execPath, ['--eval', program], { cwd: __dirname });
    assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
    assert.equal(child.output(), '{"supported":true,"types":2}\n'.repeat(2));
  });
});
