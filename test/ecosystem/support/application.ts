import { strict as assert } from 'node:assert';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { run } from '../../support/processes';
import { ROOT } from '../../support/repository';

const TOOLS = join(ROOT, 'test/ecosystem/tools');
const APPS = join(ROOT, 'test/ecosystem/apps');
const NAMES = ['fair-sampling', 'profiler', 'instrumentation', 'exporter', 'rulescope'];
/** No tool reports its use, or asks whether it may. */
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', YARN_ENABLE_TELEMETRY: '0', CI: '1' };

/** Temporary folder of this run. Outside of the repository, so nothing is found there. */
const TEMPORARY = mkdtempSync(join(tmpdir(), 'rulescope-ecosystem-'));
process.once('exit', () => rmSync(TEMPORARY, { recursive: true, force: true }));

/** Runs a program to its end and returns its output. Fails if its exit code is not 0. */
export async function output(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string> {
  const program = run(command, args, { ...options, env: environment(options.env) });
  const { code } = await program.ended;
  assert.equal(code, 0, `${command} ${args.join(' ')}: ${program.output()}`);
  return program.output();
}

/** Returns the environment of a tool. The tools of {@link application} are found by their name. */
export function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const commands = [dirname(process.execPath), join(TEMPORARY, 'application/node_modules/.bin')];
  const PATH = [...commands, process.env['PATH']].join(delimiter);
  return { ...process.env, ...QUIET, PATH, ...more };
}

/** Returns the OpenTelemetry packages of this run, as `name@version`. */
export function openTelemetry(...names: string[]): Record<string, string> {
  const file = process.env['RULESCOPE_SDK'] === '3' ? 'test/matrix/sdk3' : 'test';
  const manifest = JSON.parse(readFileSync(join(ROOT, file, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const versions = manifest.dependencies;
  return Object.fromEntries(
    names.map((name) => [`@opentelemetry/${name}`, versions[`@opentelemetry/${name}`]!]),
  );
}

/** Returns the version of `@datadog/pprof` that the profiler needs. */
export function pprofVersion(): string {
  const file = join(ROOT, 'packages/profiler/package.json');
  const { dependencies } = JSON.parse(readFileSync(file, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return dependencies['@datadog/pprof']!;
}

let packing: Promise<Record<string, string>> | undefined;

/** Packs the published packages, once. Returns the file of each by its name. */
export function packedPackages(): Promise<Record<string, string>> {
  packing ??= (async () => {
    const folders = NAMES.map((name) => join(ROOT, 'packages', name));
    const printed = await output('npm', ['pack', '--json', ...folders], { cwd: TEMPORARY });
    const packed = JSON.parse(printed) as { name: string; filename: string }[];
    assert.equal(packed.length, NAMES.length, printed);
    return Object.fromEntries(
      packed.map(({ name, filename }) => [name, `file:${join(TEMPORARY, filename)}`]),
    );
  })();
  return packing;
}

let installing: Promise<string> | undefined;

/** Installs rulescope, OpenTelemetry and all tools, once. Returns the folder of the application. */
export function application(): Promise<string> {
  installing ??= (async () => {
    const directory = join(TEMPORARY, 'application');
    mkdirSync(directory);
    // Hard links: the tools take 1 GB.
    await output('cp', ['-al', join(TOOLS, 'node_modules'), directory], { cwd: TEMPORARY });
    for (const file of ['package.json', 'package-lock.json']) {
      cpSync(join(TOOLS, file), join(directory, file));
    }
    await install(directory, {
      ...(await packedPackages()),
      ...openTelemetry('api', 'sdk-metrics', 'sdk-node', 'exporter-prometheus'),
    });
    return directory;
  })();
  return installing;
}

/** Adds packages to a folder with npm, without running their scripts. */
export async function install(directory: string, packages: Record<string, string>): Promise<void> {
  const named = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  const quickly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  // One of the tools needs SDK 3.x, and is not used in runs with 2.x.
  const peers = '--legacy-peer-deps';
  await output('npm', ['install', ...quickly, peers, ...named], { cwd: directory });
}

/** Makes an empty folder, outside of every application. */
export function emptyFolder(name: string): string {
  const directory = join(TEMPORARY, name);
  mkdirSync(directory);
  return directory;
}

/** Makes a folder in `parent` with the files of `apps` and the given other files. */
export function appFolder(
  parent: string,
  name: string,
  apps: readonly string[],
  files: Record<string, string> = {},
): string {
  const directory = join(parent, name);
  mkdirSync(directory);
  for (const app of apps) {
    const target = app.endsWith('.cjs') ? join(directory, app) : directory;
    cpSync(join(APPS, app), target, { recursive: true });
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  return directory;
}

/** Returns the code blocks below a heading of `docs/bundlers.md`. */
export function examples(heading: string): string[] {
  const page = readFileSync(join(ROOT, 'docs/bundlers.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert.ok(section !== undefined, `docs/bundlers.md has no section ${heading}`);
  return [...section.matchAll(/^```\w+\n([^]*?)^```$/gm)].map(([, code]) => code!);
}
