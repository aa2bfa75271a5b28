import { strict as assert } from 'node:assert';
import { runProgram } from '../support/program';

/** Exports the profiles of its thread to the path `/worker`, and works in a rule. */
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { sharedCollector } = require('@rulescope/profiler');
  const { RuleInstrumentation, withRule } = require('rulescope');
  const { RuleProfileExporter } = require('rulescope/profiles');
  new RuleInstrumentation();
  const exporter = new RuleProfileExporter({ url: workerData + '/worker' });
  const used = () => { const { user, system } = process.cpuUsage(); return user + system; };
  parentPort.on('message', async (message) => {
    if (message === 'end') return parentPort.close();
    while (!sharedCollector().running) await new Promise((resolve) => setTimeout(resolve, 5));
    withRule('worked', () => {
      for (const end = used() + 300_000; used() < end;) for (let i = 0; i < 100_000; i++);
    });
    await exporter.forceFlush();
    parentPort.postMessage('worked');
  });
`;

/** Returns the requests that have the worker's rule, by their path. */
async function exported(program: string): Promise<string[]> {
  const { codes, json, output } = await runProgram(`
    const { once } = require('node:events');
    const { createServer } = require('node:http');
    const { RuleProfileExporter } = require('rulescope/profiles');
    const paths = [];
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      if (body.includes('worked')) paths.push(request.url);
      response.end();
    });
    (async () => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const url = 'http://127.0.0.1:' + server.address().port;
      const startWorker = () => new Worker(${JSON.stringify(WORKER)}, { eval: true, workerData: url });
      const work = async (worker) => {
        worker.postMessage('work');
        await once(worker, 'message');
      };
      const end = async (worker) => {
        worker.postMessage('end');
        await once(worker, 'exit');
      };
      const exportHere = () => new RuleProfileExporter({ url: url + '/main' });
      ${program}
      server.closeAllConnections();
      server.close();
      json([...new Set(paths)]);
    })();`);
  assert.deepEqual(codes, [], output);
  return json[0] as string[];
}

describe('RuleProfileExporter in a worker', () => {
  it('is off if the main thread has one, which exports the worker', async () => {
    const paths = await exported(`
      const exporter = exportHere();
      const worker = startWorker();
      await work(worker);
      await exporter.shutdown();
      await end(worker);`);
    assert.deepEqual(paths, ['/main']);
  });

  it('goes off when the main thread gets one', async () => {
    const paths = await exported(`
      const worker = startWorker();
      await work(worker);
      if (paths.splice(0).join() !== '/worker') throw new Error('the worker exports nothing');
      const exporter = exportHere();
      // The main thread has to reach the worker before it samples it.
      while (!paths.includes('/main')) {
        await work(worker);
        await exporter.forceFlush();
      }
      paths.length = 0;
      await work(worker);
      await exporter.shutdown();
      await end(worker);`);
    assert.ok(!paths.includes('/worker'), String(paths));
  });
});
