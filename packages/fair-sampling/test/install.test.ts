import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadAddon } from '../src/loadAddon';
import { PACKAGE, TEMPORARY } from './support/binaries';

const RELEASE = 'build/Release/fair-sampling.node';

/** Lays out the package without its compiled files, as an installation has it. */
function stage(name: string, ...parts: string[]): string {
  const directory = join(TEMPORARY, name);
  for (const part of ['package.json', 'scripts', 'src', ...parts]) {
    cpSync(join(PACKAGE, part), join(directory, part), { recursive: true });
  }
  const headers = dirname(createRequire(__filename).resolve('node-api-headers/package.json'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(headers, join(directory, 'node_modules/node-api-headers'));
  return directory;
}

/** Runs the install script; returns what it prints. It must not fail. */
function install(directory: string, compiler?: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(directory, 'scripts/install.mjs')],
    { encoding: 'utf8', env: { ...process.env, ...(compiler && { CC: compiler }) } },
  );
  assert.equal(status, 0, stderr);
  return stdout + stderr;
}

describe('the install script', () => {
  it('does nothing where the package brings a binary', () => {
    const directory = stage('with-binary', 'prebuilds');
    assert.equal(install(directory), '');
    assert.ok(!existsSync(join(directory, 'build')));
  });

  it('compiles the add-on where it does not', () => {
    const directory = stage('without-binary');
    assert.equal(install(directory), '');
    assert.equal(typeof loadAddon([join(directory, RELEASE)]).maskPolling, 'function');
  });

  it('says in one line what it means that there is no compiler', () => {
    const directory = stage('without-compiler');
    const output = install(directory, join(directory, 'no-compiler'));
    assert.match(output, /^@rulescope\/fair-sampling: no binary for \S+ .*but not fairly\n$/);
    assert.ok(!existsSync(join(directory, RELEASE)));
  });
});
