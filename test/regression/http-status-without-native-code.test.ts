import { strict as assert } from 'node:assert';
import { run } from '../support/processes';

/** An application on a platform without a native binary. Prints the status of each endpoint. */
const APP = `
  const Module = require('node:module');
  const load = Module._load;
  Module._load = function (request, ...rest) {
    if (request !== 'node-gyp-build') return load.call(this, request, ...rest);
    return () => { throw new Error('No native build was found for platform=none'); };
  };
  const { createPprofHandler } = require('@rulescope/profiler/http');
  const handler = createPprofHandler({ heap: true, usage: true });
  const server = require('node:http').createServer(handler).listen(0, '127.0.0.1', async () => {
    const base = 'http://127.0.0.1:' + server.address().port + '/debug/';
    for (const path of ['pprof/profile', 'pprof/heap', 'pprof/allocs', 'rules/usage']) {
      const response = await fetch(base + path);
      console.log(path, response.status, await response.text());
    }
    console.log('index', (await fetch(base + 'pprof/')).status);
    await handler.close();
    server.close();
    server.closeAllConnections();
  });
`;

describe('endpoints without the native code', () => {
  it('all answer 501 with the reason', async () => {
    const app = run(process.execPath, ['-e', APP], { cwd: __dirname });
    assert.deepEqual(await app.ended, { code: 0, signal: null }, app.output());
    const reason = 'the native part of @datadog/pprof does not load';
    for (const path of ['pprof/profile', 'pprof/heap', 'pprof/allocs', 'rules/usage']) {
      assert.ok(app.output().includes(`${path} 501 ${reason}`), app.output());
    }
    assert.match(app.output(), /^index 200$/m);
  });
});
