import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEMO } from '../support/demo';

/** Returns the version of the package `name` that `from` resolves. */
function versionSeen(name: string, from: string): string {
  let directory = dirname(require.resolve(name, { paths: [from] }));
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

describe('this run of the test matrix', () => {
  it('has the configured Node.js version', () => {
    const claimed = process.env['RULESCOPE_NODE'] ?? String(process.versions.node.split('.')[0]);
    assert.equal(process.versions.node.split('.')[0], claimed);
  });

  it('has the configured OpenTelemetry SDK version', () => {
    const claimed = process.env['RULESCOPE_SDK'] ?? '2';
    assert.equal(versionSeen('@opentelemetry/sdk-metrics', DEMO).split('.')[0], claimed);
    assert.equal(versionSeen('@opentelemetry/api', DEMO).startsWith('1.10'), claimed === '3');
  });
});
