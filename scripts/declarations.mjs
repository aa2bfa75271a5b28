/**
 * A step of `npm run check`. It checks that projects with `declaration: true` compile against our
 * packages, with each TypeScript of `test/matrix/typescript` and each module resolution. The
 * compiled program is generated from our declarations. It uses every public name and exports the
 * results, so TypeScript must name our types. `node scripts/declarations.mjs ts52` runs one
 * compiler.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PUBLISHED, ROOT, installPackages } from './lib/install.mjs';
import { run } from './lib/run.mjs';
import { useEntries } from './lib/useEntries.mjs';

const COMPILERS = join(ROOT, 'test/matrix/typescript');
const RESOLUTIONS = [
  { name: 'node16', module: 'node16', files: ['use.cts', 'use.mts'] },
  { name: 'nodenext', module: 'nodenext', files: ['use.cts', 'use.mts'] },
  { name: 'bundler', module: 'esnext', files: ['use.mts'] },
];
/** Packages that a user needs beside ours. The SDK, and what its types need, only for a producer. */
const PEERS = [
  '@types/node',
  '@opentelemetry/api',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/resources',
  '@opentelemetry/core',
  '@opentelemetry/instrumentation',
];

await installPackages(COMPILERS);
// Outside of the repository, because its node_modules would hide a missing package.
const stage = mkdtempSync(join(tmpdir(), 'rulescope-declarations-'));
try {
  process.exitCode = (await check()) ? 0 : 1;
} finally {
  rmSync(stage, { recursive: true });
}

async function check() {
  const packages = PUBLISHED.map(readPackage);
  await install(packages);
  const entries = packages.flatMap(entriesOf);
  const { dependencies } = JSON.parse(readFileSync(join(COMPILERS, 'package.json'), 'utf8'));
  const source = useEntries(stage, entries);
  for (const file of ['use.cts', 'use.mts']) writeFileSync(join(stage, file), source);
  let passed = true;
  const chosen = process.argv.slice(2);
  for (const compiler of chosen.length > 0 ? chosen : Object.keys(dependencies)) {
    for (const { name, module, files } of RESOLUTIONS) {
      const args = [
        ...[join(COMPILERS, 'node_modules', compiler, 'bin/tsc'), ...files],
        ...['--module', module, '--moduleResolution', name, '--outDir', `out/${compiler}/${name}`],
        ...['--target', 'es2022', '--lib', 'es2022', '--types', 'node', '--strict'],
        ...['--declaration', '--skipLibCheck', 'false'],
      ];
      const code = await run(process.execPath, args, { cwd: stage });
      console.log(`${code === 0 ? 'passed' : 'FAILED'}: ${dependencies[compiler]}, ${name}`);
      passed &&= code === 0;
    }
  }
  return passed;
}

function readPackage(name) {
  const directory = join(ROOT, 'packages', name);
  return { directory, ...JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) };
}

/** Returns the entries that users may import. Only our own packages may import `/internal`. */
function entriesOf({ name, exports }) {
  return Object.keys(exports)
    .filter((path) => path !== './package.json' && !path.startsWith('./internal'))
    .map((path) => name + path.slice(1));
}

/** Installs our packed packages, and copies their dependencies and peers from our node_modules. */
async function install(packages) {
  const modules = join(stage, 'node_modules');
  const pack = ['pack', '--silent', '--pack-destination', stage];
  const stdio = ['ignore', 'ignore', 'inherit'];
  await run('npm', [...pack, ...packages.map(({ directory }) => directory)], { stdio });
  for (const { name, version } of packages) {
    const tarball = join(stage, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
    const target = join(modules, name);
    mkdirSync(target, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', target, '--strip-components', '1']);
  }
  const installed = new Set(packages.map(({ name }) => name));
  const installTree = (name) => {
    if (installed.has(name)) return;
    installed.add(name);
    const from = join(ROOT, 'node_modules', name);
    cpSync(from, join(modules, name), { recursive: true });
    const { dependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
    Object.keys(dependencies).forEach(installTree);
  };
  const needed = packages.flatMap(({ dependencies = {} }) => Object.keys(dependencies));
  [...PEERS, ...needed].forEach(installTree);
}
