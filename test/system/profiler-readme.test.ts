import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

describe('packages/profiler/README.md', function () {
  this.timeout(60_000);
  const path = join(dirname(require.resolve('@rulescope/profiler/package.json')), 'README.md');
  const [program = ''] = /(?<=```js\n)[^]*?(?=```)/.exec(readFileSync(path, 'utf8')) ?? [];

  it('begins with a program of ten lines', () => {
    assert.ok(program.trim().split('\n').filter(Boolean).length <= 11, program);
  });

  it('has a program that prints the CPU of its label and ends by itself', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', program], {
      cwd: __dirname,
    });
    assert.match(stdout, /^acme \d+\.\d\d ± \d\.\d\d$/m);
    assert.equal(stderr, '');
  });
});
