import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { VERSION } from '../src/version';

describe('VERSION', () => {
  it('is the version in package.json', () => {
    const file = require.resolve('@rulescope/instrumentation/package.json');
    assert.equal(VERSION, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version);
  });
});
