import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { VERSION } from '../../src/base/version';

describe('VERSION', () => {
  it('is the version in package.json', () => {
    const file = require.resolve('@rulescope/profiler/package.json');
    assert.equal(VERSION, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version);
  });
});
