import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QUICKSTART } from '../support/demo';
import { eventually, freePort, run } from '../support/processes';

describe('examples/quickstart', () => {
  it('adds three lines to a setup of at most 14 lines', async () => {
    const lines = (await readFile(join(QUICKSTART, 'telemetry.js'), 'utf8')).trimEnd().split('\n');
    const added = lines.filter((line) => line.endsWith('// added'));
    assert.equal(added.length, 3);
    assert.ok(lines.length - added.length <= 14, `${lines.length} lines`);
  });

  it('shows the CPU of each rule', async () => {
    const port = await freePort();
    const app = run(process.execPath, ['app.js'], {
      cwd: QUICKSTART,
      env: { ...process.env, METRICS_PORT: String(port) },
    });
    const seconds = await eventually('the first window', async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const rules = [
        ...text.matchAll(
          /^rulescope_rule_cpu_time_total\{rulescope_rule_id="([^"]+)".*\} (\S+)$/gm,
        ),
      ];
      return rules.length < 2
        ? undefined
        : new Map(rules.map(([, id, value]) => [id as string, Number(value)]));
    });
    // 8 ms and 2 ms of work between naps of 20 ms: over 100 hits in the first window, and about 30.
    assert.ok(seconds.get('price-alerts')! > seconds.get('daily-report')!);
    await app.stop();
  });

  it('loaded by --import, shows the rules of a worker', async () => {
    const port = await freePort();
    const worker = `
      const { withRule } = require('rulescope');
      setInterval(() => withRule('in-worker', () => { for (let i = 0; i < 1e6; i++); }), 5);`;
    const program = `
      const { Worker } = require('node:worker_threads');
      new Worker(${JSON.stringify(worker)}, { eval: true });`;
    const app = run(process.execPath, ['--import', './telemetry.js', '--eval', program], {
      cwd: QUICKSTART,
      env: { ...process.env, METRICS_PORT: String(port) },
    });
    await eventually('the rule of the worker', async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return /^rulescope_rule_cpu_time_total\{rulescope_rule_id="in-worker".* [\d.]*[1-9]/m.exec(
        text,
      );
    }).catch((error: unknown) => assert.fail(`${String(error)}: ${app.output()}`));
    await app.stop();
    assert.equal(app.output(), '');
  });
});
