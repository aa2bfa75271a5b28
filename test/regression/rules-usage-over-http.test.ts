import { strict as assert } from 'node:assert';
import { run } from '../support/processes';

/**
 * An application with a busy rule that has a long id, a small one, and one in a worker. Prints two answers of
 * `/debug/rules/usage` and whether sampling has ended. Ends by itself.
 */
const APP = `
  const { createServer } = require('node:http');
  const { Worker } = require('node:worker_threads');
  const { runWithLabels, sharedCollector } = require('@rulescope/profiler');
  const { createPprofHandler } = require('@rulescope/profiler/http');

  const burn = (millis) => { for (const end = performance.now() + millis; performance.now() < end;); };
  const rule = 'busy'.padEnd(1_000_000, '.');
  const rounds = [
    setInterval(() => runWithLabels({ rule }, burn, 40), 60),
    setInterval(() => runWithLabels({ rule: 'small' }, burn, 4), 60),
  ];
  const worker = new Worker(\`
    const { runWithLabels, sampleWorker } = require('@rulescope/profiler');
    sampleWorker();
    const burn = (millis) => { for (const end = performance.now() + millis; performance.now() < end;); };
    setInterval(() => runWithLabels({ rule: 'in worker' }, () => burn(20)), 60);
  \`, { eval: true });

  const collector = sharedCollector({ windowMillis: 500 });
  const handler = createPprofHandler();
  const server = createServer(handler).listen(0, '127.0.0.1', async () => {
    const url = 'http://127.0.0.1:' + server.address().port + '/debug/rules/usage';
    const idle = collector.running;
    const first = await (await fetch(url)).json();
    let last = first;
    while (!last.rules.some(({ rule }) => rule === 'in worker') || last.seconds < 3) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      last = await (await fetch(url + '?seconds=300&top=3')).json();
    }
    rounds.forEach(clearInterval);
    await worker.terminate();
    await handler.close();
    server.close();
    server.closeAllConnections();
    console.log(JSON.stringify({ idle, first, last, ended: !collector.running }));
  });
`;

interface Answer {
  readonly label: string;
  readonly seconds: number;
  readonly processCpuSeconds: number;
  readonly rules: readonly { readonly rule: string; readonly cpuSeconds: number }[];
}

describe('/debug/rules/usage', function () {
  this.timeout(60_000);

  it('tells which rules use the CPU, only while it is asked', async () => {
    const app = run(process.execPath, ['-e', APP], { cwd: __dirname });
    assert.deepEqual(await app.ended, { code: 0, signal: null }, app.output());
    const { idle, first, last, ended } = JSON.parse(app.output()) as Record<
      'first' | 'last',
      Answer
    > &
      Record<'idle' | 'ended', boolean>;
    assert.deepEqual([idle, ended], [false, true], 'it samples while nobody asks');
    assert.equal(first.label, 'rule');
    assert.ok(first.seconds > 0 && first.seconds < last.seconds, `${first.seconds}`);
    for (const { rule } of last.rules) assert.ok(rule.length <= 256, `${rule.length} characters`);
    const cpuOf = new Map(
      last.rules.map(({ rule, cpuSeconds }) => [rule.replace(/\.+~\w+$/, ''), cpuSeconds]),
    );
    assert.deepEqual([...cpuOf.keys()].sort(), ['busy', 'in worker', 'small']);
    // One thread runs both, so load of the machine slows both down. In 3 s about 200 samples find
    // the busy rule and 20 the small one: the chance of another order is far below 1 in 1000.
    assert.ok((cpuOf.get('busy') ?? 0) > (cpuOf.get('small') ?? 0), app.output());
    const sum = last.rules.reduce((cpu, { cpuSeconds }) => cpu + cpuSeconds, 0);
    assert.ok(sum > 0 && sum < last.processCpuSeconds * 1.5, `${sum} of ${last.processCpuSeconds}`);
  });
});
