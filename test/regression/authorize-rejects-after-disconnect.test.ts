import { strict as assert } from 'node:assert';
import { run } from '../support/processes';

/** An application whose `authorize` rejects after its client has gone. Ends by itself. */
const APP = `
  const { createServer } = require('node:http');
  const { connect } = require('node:net');
  const { createPprofHandler } = require('@rulescope/profiler/http');

  let fail;
  const authorize = () => new Promise((_, reject) => (fail = reject));
  const handler = createPprofHandler({ authorize });
  const server = createServer((request, response) => {
    if (request.url === '/') return response.end('alive');
    handler(request, response);
    response.once('close', () => {
      fail(new Error('too late'));
      // A queue in front of the handler can pass on a request whose client has gone.
      handler(request, response);
      fail(new Error('too late again'));
      setImmediate(async () => {
        console.log(await (await fetch(origin)).text());
        await handler.close();
        server.close();
        server.closeAllConnections();
      });
    });
    client.destroy();
  });
  let client, origin;
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    origin = 'http://127.0.0.1:' + port + '/';
    client = connect(port, '127.0.0.1');
    client.write('GET /debug/pprof/cmdline HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n');
  });
`;

describe('an authorize that rejects after its client has disconnected', () => {
  it('does not end the process', async () => {
    const app = run(process.execPath, ['-e', APP], { cwd: __dirname });
    assert.deepEqual(await app.ended, { code: 0, signal: null }, app.output());
    assert.equal(app.output(), 'alive\n');
  });
});
