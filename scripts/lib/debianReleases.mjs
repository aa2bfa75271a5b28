import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './install.mjs';

const DEBIAN = join(ROOT, '.cache/debian');
const APT = join(DEBIAN, '.apt');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Downloads packages of a release of Debian and unpacks each into `.cache/debian/<name>`, once.
 * Installs nothing: apt runs with a configuration of its own, so the machine may have another
 * version of Debian. Dependencies are not downloaded. Resolves with the path of `.cache/debian`.
 */
export async function installFromDebian(release, names) {
  const missing = names.filter((name) => !existsSync(join(DEBIAN, name)));
  if (missing.length === 0) return DEBIAN;
  console.log(`Downloading the Debian packages ${missing.join(', ')} of ${release}`);
  const options = privateApt(release);
  const apt = (...args) => execute('apt-get', [...options, '-qq', ...args], { cwd: APT });
  apt('update');
  for (const name of missing) {
    apt('download', name);
    const file = readdirSync(APT).find((entry) => entry.startsWith(`${name}_`));
    execute('dpkg-deb', ['-x', file, `unpacked/${name}`], { cwd: APT });
    // The folder appears only when it is complete.
    renameSync(join(APT, 'unpacked', name), join(DEBIAN, name));
  }
  rmSync(APT, { recursive: true });
  return DEBIAN;
}

/** Writes an apt configuration that knows one release. Returns the options that select it. */
function privateApt(release) {
  rmSync(APT, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'cache/archives/partial', 'unpacked']) {
    mkdirSync(join(APT, folder), { recursive: true });
  }
  const sources = join(APT, 'sources.list');
  const status = join(APT, 'status');
  writeFileSync(sources, `deb [signed-by=${KEYRING}] ${debianMirror()} ${release} main\n`);
  writeFileSync(status, '');
  const settings = {
    'Dir::State::Lists': join(APT, 'lists'),
    'Dir::State::status': status,
    'Dir::Cache': join(APT, 'cache'),
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': '',
  };
  return Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

/** Returns the address of the Debian mirror that this machine uses. */
function debianMirror() {
  const find = () =>
    execute('apt-get', ['indextargets', '--format', '$(SITE)', 'Origin: Debian', 'Label: Debian'])
      .split('\n')
      .find((line) => line !== '');
  // apt names the mirror only after its lists were read.
  return find() ?? (execute(...asRoot('apt-get', 'update', '-qq')), find());
}

function asRoot(command, ...args) {
  return process.getuid?.() === 0 ? [command, args] : ['sudo', [command, ...args]];
}

function execute(command, args, options) {
  return execFileSync(command, args, {
    ...options,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
