import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../support/processes';

const README = join(dirname(require.resolve('rulescope/package.json')), 'README.md');

const CONFIG = `
file_format: "1.0"
meter_provider:
  readers:
    - periodic:
        interval: 300
        timeout: 200
        exporter:
          console: {}
`;

const APPLICATION = `
  import { withRule } from 'rulescope';
  setInterval(() => withRule('price-alerts', () => { for (const end = Date.now() + 20; Date.now() < end;); }), 40);
`;

describe('OTEL_CONFIG_FILE', () => {
  // Below this file, where our packages are found.
  let directory: string;
  before(() => (directory = mkdtempSync(join(__dirname, 'config-file-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('works with the setup in the README: the reader of the file exports the rules', async () => {
    const readme = readFileSync(README, 'utf8');
    const [, section = ''] = readme.split('OTEL_CONFIG_FILE` is');
    const [, setup = ''] = /```js\n(.*?)```/s.exec(section) ?? [];
    assert.match(setup, /startNodeSDK\(\)/);
    // Windows of 5 s would make the test slow.
    const fast = setup.replace('new RuleMetrics()', 'new RuleMetrics({ windowMillis: 200 })');
    assert.notEqual(fast, setup);
    const file = (name: string, text: string): string => {
      const path = join(directory, name);
      writeFileSync(path, text);
      return path;
    };
    const config = file('otel.yaml', CONFIG);
    const telemetry = file('telemetry.mjs', fast);
    const application = file('app.mjs', APPLICATION);
    const child = run(process.execPath, ['--import', telemetry, application], {
      env: { ...process.env, OTEL_CONFIG_FILE: config },
    });
    await child.waitFor(/'rulescope\.rule\.id': 'price-alerts'/);
    assert.doesNotMatch(child.output(), /RULESCOPE_/);
    await child.stop();
  });
});
