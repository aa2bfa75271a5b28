import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadAddon } from '../src/loadAddon';
import { PACKAGE, TEMPORARY } from './support/binaries';

const RELEASE = 'build/Release/fair-sampling.node';

const { files: PACKED } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
  files: string[];
};

/** Copies the package without its compiled files, as after an installation. Returns the folder. */
function stage(name: string, ...parts: string[]): string {
  const directory = join(TEMPORARY, name);
  const sources = PACKED.filter((file) => /^(scripts|src)\b/.test(file));
  for (const part of ['package.json', ...sources, ...parts]) {
    cpSync(join(PACKAGE, part), join(directory, part), { recursive: true });
  }
  const headers = dirname(createRequire(__filename).resolve('node-api-headers/package.json'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(headers, join(directory, 'node_modules/node-api-headers'));
  return directory;
}

/** Runs the install script, which must not fail. Returns the text that it prints. */
function install(directory: string, compiler?: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(directory, 'scripts/install.mjs')],
    { encoding: 'utf8', env: { ...process.env, ...(compiler && { CC: compiler }) } },
  );
  assert.equal(status, 0, stderr);
  return stdout + stderr;
}

/** Returns a pattern for the line that the install script prints, with a pattern for the cause. */
function failure(cause: string): RegExp {
  return new RegExp(
    `^@rulescope/fair-sampling: there is no binary for \\S+, and src/fairSampling\\.c ` +
      `could not be compiled \\(${cause}\\); CPU is sampled without it, but less exactly\\n$`,
  );
}

describe('the install script', () => {
  it('does nothing if the package has a binary for the platform', () => {
    const directory = stage('with-binary', 'prebuilds');
    assert.equal(install(directory), '');
    assert.ok(!existsSync(join(directory, 'build')));
  });

  it('compiles the add-on if the package has no binary', () => {
    const directory = stage('without-binary');
    assert.equal(install(directory), '');
    assert.equal(typeof loadAddon([join(directory, RELEASE)]).maskPolling, 'function');
  });

  it('prints one line with the consequence if there is no compiler', () => {
    const directory = stage('without-compiler');
    const output = install(directory, join(directory, 'no-compiler'));
    assert.match(output, failure('spawnSync .*no-compiler ENOENT'));
    assert.ok(!existsSync(join(directory, RELEASE)));
  });

  it('prints the first error of the compiler', () => {
    const directory = stage('with-error');
    writeFileSync(join(directory, 'src/fairSampling.c'), 'int first(void) { return one; }\nsecond');
    const output = install(directory);
    assert.match(output, failure('.*fairSampling\\.c:1:\\d+: error: .*one.*'));
  });

  it('prints the first error of the linker', () => {
    const directory = stage('with-linker');
    const source =
      'extern __attribute__((visibility("hidden"))) int none;\nint *f(void) { return &none; }\n';
    writeFileSync(join(directory, 'src/fairSampling.c'), source);
    assert.match(install(directory), failure('.*fairSampling\\.c:.* .*none.*'));
  });
});
