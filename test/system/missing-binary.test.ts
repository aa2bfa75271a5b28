import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO } from '../support/demo';
import { run } from '../support/processes';

describe('without the native binary', () => {
  it('the demo prints one line and ends with exit code 2', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rulescope-no-binary-'));
    const preload = join(directory, 'preload.cjs');
    // node-gyp-build does this on a platform without a prebuilt binary.
    await writeFile(
      preload,
      `const Module = require('node:module');
       const load = Module._load;
       Module._load = function (request, ...rest) {
         if (request !== 'node-gyp-build') return load.call(this, request, ...rest);
         return () => { throw new Error('No native build was found for platform=none'); };
       };`,
    );
    const demo = run(process.execPath, ['--require', preload, join(DEMO, 'build/src/main.js')]);
    assert.deepEqual(await demo.ended, { code: 2, signal: null });
    assert.match(
      demo.output(),
      /^rulescope demo: the native part of @datadog\/pprof does not load/,
    );
    assert.equal(demo.output().trimEnd().split('\n').length, 1);
    await rm(directory, { recursive: true });
  });
});
