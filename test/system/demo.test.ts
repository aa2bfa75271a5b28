import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { runDemo, startDemo } from '../support/demo';

describe('the demo on the command line', () => {
  it('stops cleanly on Ctrl-C, even if it is pressed twice', async () => {
    const demo = await startDemo();
    demo.child.kill('SIGINT');
    assert.deepEqual(await demo.stop('SIGINT'), { code: 0, signal: null });
    assert.doesNotMatch(demo.output(), /Error|Warning/);
  });

  it('stops by itself after --seconds, with a page open', async () => {
    const demo = await startDemo('--seconds', '2', '--window', '0.5');
    const response = await fetch(`${demo.url}/windows`);
    const text = await response.text();
    assert.match(text, /"prime-sieve"/);
    assert.deepEqual(await demo.ended, { code: 0, signal: null });
  });

  it('prints its options', async () => {
    const demo = runDemo('--help');
    assert.deepEqual(await demo.ended, { code: 0, signal: null });
    for (const option of ['--port', '--seconds', '--window', '--help']) {
      assert.match(demo.output(), new RegExp(option));
    }
  });

  const mistakes: [string[], RegExp][] = [
    [['--port', 'abc'], /--port must be a number from 0 to 65535; got "abc"/],
    [['--port', '70000'], /--port must be a number from 0 to 65535/],
    [['--window', '0'], /--window must be a number from 0\.1 to 60; got "0"/],
    [['--seconds', ''], /--seconds must be a number/],
    [['--bogus'], /--bogus/],
    [['stray'], /stray/],
  ];
  for (const [args, message] of mistakes) {
    it(`answers ${JSON.stringify(args.join(' '))} with one line and exit code 2`, async () => {
      const demo = runDemo(...args);
      assert.deepEqual(await demo.ended, { code: 2, signal: null });
      assert.match(demo.output(), message);
      assert.equal(demo.output().trimEnd().split('\n').length, 1);
    });
  }

  it('answers a port in use with one line and exit code 2', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const demo = runDemo('--port', String(port));
    assert.deepEqual(await demo.ended, { code: 2, signal: null });
    assert.equal(
      demo.output(),
      `rulescope demo: port ${port} is in use; choose another with --port, or --port 0\n`,
    );
    taken.close();
  });
});
