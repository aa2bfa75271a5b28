import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type Running, freePort } from '../support/processes';
import {
  COMMON_RULES,
  ES_RULES,
  programFolder,
  rulesAt,
  runIn,
  runNode,
  servedBy,
} from '../support/zeroCode';

const REGISTER = 'rulescope/register';
const SERVES = /^rulescope: metrics at http:\/\/localhost:\d+\/metrics\n$/;

const HEAVY_AND_LIGHT = `startRules(['heavy', 15], ['light', 5]);`;

/** A NodeSDK that serves Prometheus at the port in `SDK_PORT`. */
const SDK = `
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
  const port = Number(process.env.SDK_PORT);
  const startSdk = () => {
    const sdk = new NodeSDK({ metricReaders: [new PrometheusExporter({ port })] });
    sdk.start();
    return sdk;
  };
`;

describe('rulescope/register', () => {
  let directory: string;
  before(() => {
    directory = programFolder({
      'app.mjs': `${ES_RULES} ${HEAVY_AND_LIGHT}`,
      'app.cjs': `${COMMON_RULES} ${HEAVY_AND_LIGHT}`,
      'ownSdk.cjs': `${SDK} startSdk(); require('./ending.cjs');`,
      // Runs for ten seconds: the register waits for five, and its first window takes a part of one.
      'ending.cjs': `
        ${COMMON_RULES} ${HEAVY_AND_LIGHT}
        let ticks = 0;
        setInterval(() => { if (++ticks === 100) process.exit(); }, 100);`,
      'package.json': '{ "scripts": { "start": "node ending.cjs" } }',
      'lateSdk.cjs': `
        ${SDK} ${COMMON_RULES} ${HEAVY_AND_LIGHT}
        process.once('SIGUSR2', startSdk);`,
      // Blocks the loop for 200 ms at a time, and ends if that has not served after 100 times.
      'busy.cjs': `
        let turns = 0;
        const turn = () => {
          for (const end = Date.now() + 200; Date.now() < end;);
          if (++turns === 100) process.exit(1);
          setImmediate(turn);
        };
        turn();`,
      'worker.cjs': `
        ${COMMON_RULES}
        const { Worker, isMainThread } = require('node:worker_threads');
        startRules([isMainThread ? 'in-main' : 'in-worker', 10]);
        if (isMainThread) new Worker(__filename);`,
      'parent.cjs': `
        ${COMMON_RULES}
        startRules(['of-parent', 5]);
        const { fork } = require('node:child_process');
        const env = { ...process.env, RULESCOPE_METRICS_PORT: process.env.CHILD_PORT };
        process.once('SIGUSR2', () => fork('child.cjs', { env }));`,
      'child.cjs': `
        ${COMMON_RULES} startRules(['of-child', 5]);
        process.on('warning', () => setImmediate(() => console.log('the child goes on')));
        process.once('disconnect', () => process.exit());`,
      'cluster.cjs': `
        const cluster = require('node:cluster');
        if (cluster.isPrimary) {
          const env = { NODE_OPTIONS: '--import ${REGISTER}' };
          cluster.fork(env);
          cluster.fork(env);
        } else setInterval(() => {}, 1_000);`,
      'prints.cjs': `
        const { Engine } = require('json-rules-engine');
        const native = Object.keys(require.cache).some((file) => file.endsWith('.node'));
        console.log(typeof Engine, native ? 'with native code' : 'without native code');`,
      'ends.cjs': `
        const timer = setInterval(() => {}, 1_000);
        process.once('SIGUSR2', () => clearInterval(timer));`,
    });
  });

  describe('without an SDK', () => {
    const flags = ['--import', '--require'];
    const starts = [
      ...flags.flatMap((flag) => ['app.mjs', 'app.cjs'].map((app) => [flag, REGISTER, app])),
      ['--require', REGISTER, '--import', REGISTER, 'app.mjs'],
    ];
    let programs: Running[];
    // At once: each looks for an SDK for five seconds.
    before(() => void (programs = starts.map((args) => runNode(directory, args))));

    for (const [i, args] of starts.entries()) {
      it(`node ${args.join(' ')} shows the rules`, async () => {
        const program = programs[i]!;
        const { heavy, light } = await rulesAt(await servedBy(program));
        await program.stop();
        // 15 ms and 5 ms: of 60 samples, at most half are of the heavy rule in 1 of 10^5 runs.
        assert.ok(heavy! > light!, `${heavy} and ${light}`);
        assert.match(program.output(), SERVES);
      });
    }
  });

  it("uses the application's own SDK, and starts none", async () => {
    const port = String(await freePort());
    const program = runNode(directory, ['--import', REGISTER, 'ownSdk.cjs'], { SDK_PORT: port });
    const { heavy, light } = await rulesAt(`http://localhost:${port}/metrics`);
    assert.ok(heavy! > 0 && light! > 0);
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    assert.equal(program.output(), '');
  });

  it('serves after five seconds however busy the event loop is', async () => {
    const program = runNode(directory, ['--import', REGISTER, 'busy.cjs']);
    const ended = program.ended.then(({ code }) => `ended with ${code}`);
    assert.match(await Promise.race([servedBy(program), ended]), /\/metrics$/);
    await program.stop();
  });

  it('gives way to an SDK that comes late, and frees its port', async () => {
    const port = String(await freePort());
    const program = runNode(directory, ['--import', REGISTER, 'lateSdk.cjs'], { SDK_PORT: port });
    const url = await servedBy(program);
    await rulesAt(url);
    program.child.kill('SIGUSR2');
    await rulesAt(`http://localhost:${port}/metrics`);
    await assert.rejects(fetch(url));
    await program.stop();
    assert.match(program.output(), SERVES);
  });

  it('shows the rules of worker threads in the metrics of the main thread', async () => {
    const program = runNode(directory, ['--import', REGISTER, 'worker.cjs']);
    const rules = await rulesAt(await servedBy(program), 100);
    await program.stop();
    assert.deepEqual(Object.keys(rules).sort(), ['in-main', 'in-worker']);
    assert.match(program.output(), SERVES);
  });

  describe('in a child process', () => {
    let port: string;
    let parent: Running;
    const url = (): string => `http://localhost:${port}/metrics`;
    async function startParent(childPort: string): Promise<void> {
      port = String(await freePort());
      const variables = { RULESCOPE_METRICS_PORT: port, CHILD_PORT: childPort || port };
      parent = runNode(directory, ['--import', REGISTER, 'parent.cjs'], variables);
      await rulesAt(url(), 1);
      parent.child.kill('SIGUSR2');
    }
    afterEach(() => parent.stop());

    it('serves its own rules at its own port', async () => {
      await startParent('0');
      assert.deepEqual(Object.keys(await rulesAt(await servedBy(parent), 1)), ['of-child']);
      assert.deepEqual(Object.keys(await rulesAt(url(), 1)), ['of-parent']);
      assert.match(parent.output(), SERVES);
    });

    it('warns if the port is taken, and goes on', async () => {
      await startParent('');
      await parent.waitFor(/RULESCOPE_NO_ENDPOINT\] Warning: .*EADDRINUSE.*RULESCOPE_METRICS_PORT/);
      await parent.waitFor(/the child goes on/);
      assert.deepEqual(Object.keys(await rulesAt(url(), 1)), ['of-parent']);
    });
  });

  it('does not let the workers of node:cluster share a port', async () => {
    const port = String(await freePort());
    const primary = runNode(directory, ['cluster.cjs'], { RULESCOPE_METRICS_PORT: port });
    // One of the two has the port.
    await primary.waitFor(/RULESCOPE_NO_ENDPOINT/);
    assert.equal((await fetch(`http://localhost:${port}/metrics`)).status, 200);
    await primary.stop();
  });

  it('leaves the port to the application that npm starts', async () => {
    const program = runIn(directory, 'npm', ['start'], { NODE_OPTIONS: `--import ${REGISTER}` });
    await rulesAt(await servedBy(program), 1);
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    assert.equal(program.output().match(/metrics at/g)?.length, 1, program.output());
  });

  it('serves nothing but /metrics, and lets the process end while a client is connected', async () => {
    const program = runNode(directory, ['--import', REGISTER, 'ends.cjs']);
    const url = await servedBy(program);
    assert.equal((await fetch(`${url}?all`)).status, 200);
    assert.equal((await fetch(new URL('/', url))).status, 404);
    const client = connect(Number(new URL(url).port), 'localhost');
    await once(client, 'connect');
    program.child.kill('SIGUSR2');
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    client.destroy();
  });

  const run = async (variables: NodeJS.ProcessEnv): Promise<string> => {
    const program = runNode(directory, ['--import', REGISTER, 'prints.cjs'], variables);
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    return program.output();
  };

  for (const variables of [{ OTEL_SDK_DISABLED: 'true' }, { RULESCOPE_ENABLED: 'false' }]) {
    it(`starts nothing with ${JSON.stringify(variables)}`, async () => {
      assert.equal(await run(variables), 'function without native code\n');
    });
  }

  it('says which variable is wrong, and starts nothing', async () => {
    const output = await run({ RULESCOPE_WINDOW_MILLIS: '5s' });
    assert.match(output, /^function without native code$/m);
    assert.match(
      output,
      /\[RULESCOPE_OFF\] Warning: .*: RULESCOPE_WINDOW_MILLIS must be an integer from 100 to 600000; got "5s"/,
    );
  });

  it('says which variable does not exist, and starts', async () => {
    const output = await run({ RULESCOPE_WINDOWMILLIS: '500' });
    assert.match(output, /^function with native code$/m);
    const warning =
      /\[RULESCOPE_UNKNOWN_VARIABLE\] Warning: .* RULESCOPE_WINDOWMILLIS .*RULESCOPE_WINDOW_MILLIS/;
    assert.match(output, warning);
  });
});
