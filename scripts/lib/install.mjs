import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must, run } from './run.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Published folders of `packages`. */
export const PUBLISHED = ['fair-sampling', 'profiler', 'instrumentation', 'exporter', 'rulescope'];

/** Installs the packages of `directory` with `npm ci`, once for each content of its lock file. */
export async function installPackages(directory) {
  const lock = readFileSync(join(directory, 'package-lock.json'), 'utf8');
  const stamp = join(directory, 'node_modules', '.rulescope-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log(`Installing the npm packages of ${directory}`);
  await must('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { cwd: directory });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

/** Compiles all workspaces. Deletes what was compiled from files that no longer exist. */
export function build() {
  for (const entry of compiledFiles()) {
    const { name } = entry;
    // Node.js before 20.12 has `path` only.
    const parentPath = entry.parentPath ?? entry.path;
    const source = join(parentPath.replace(/([/\\])build([/\\]|$)/, '$1'), name);
    if (existsSync(source.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts'))) continue;
    rmSync(join(parentPath, name));
  }
  return must(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b'], {
    cwd: ROOT,
  });
}

/** One of the files of each Debian package that the scripts install. */
export const DEBIAN_FILES = {
  binutils: '/usr/bin/readelf',
  chromium: '/usr/bin/chromium',
  curl: '/usr/bin/curl',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  gcc: '/usr/bin/cc',
  'golang-go': '/usr/bin/go',
  graphviz: '/usr/bin/dot',
  'libc6-dev': '/usr/include/stdio.h',
  'mariadb-server': '/usr/sbin/mariadbd',
  openssl: '/usr/bin/openssl',
  postgresql: '/usr/lib/postgresql',
  prometheus: '/usr/bin/prometheus',
  'protobuf-compiler': '/usr/bin/protoc',
  'rabbitmq-server': '/usr/lib/rabbitmq/bin/rabbitmq-server',
  'redis-server': '/usr/bin/redis-server',
  time: '/usr/bin/time',
};

/** Installs those of the named Debian packages that are missing. */
export async function installDebianPackages(names) {
  const missing = names.filter((name) => !existsSync(DEBIAN_FILES[name]));
  if (missing.length === 0) return;
  console.log(`Installing the Debian packages ${missing.join(', ')}`);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  const apt = (...args) => {
    const [command, ...rest] = [...asRoot, 'apt-get', ...args];
    return run(command, rest, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  if (
    (await apt('update')) !== 0 ||
    (await apt('install', '-y', '--no-install-recommends', ...missing)) !== 0
  ) {
    console.error(
      `The tests need the Debian packages ${missing.join(', ')}, but apt-get could not install them.`,
    );
    process.exit(1);
  }
}

/** Lists the files that TypeScript wrote into the `build` folders of the workspaces. */
function compiledFiles() {
  const folders = [
    'benchmarks',
    'dashboards',
    'test',
    'examples/demo',
    'examples/hunting-a-hot-spot',
    ...PUBLISHED.map((name) => `packages/${name}`),
  ];
  return folders
    .map((folder) => join(ROOT, folder, 'build'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /(\.d\.ts|\.js)(\.map)?$/.test(entry.name));
}
