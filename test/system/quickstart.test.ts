import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QUICKSTART } from '../support/demo';
import { eventually, freePort, run } from '../support/processes';

describe('examples/quickstart', () => {
  it('adds two lines to a setup of at most 12 lines', async () => {
    const lines = (await readFile(join(QUICKSTART, 'telemetry.js'), 'utf8')).trimEnd().split('\n');
    const added = lines.filter((line) => line.endsWith('// added'));
    assert.equal(added.length, 2);
    assert.ok(lines.length - added.length <= 12, `${lines.length} lines`);
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
});
