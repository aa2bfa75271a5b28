/**
 * `npm test`: installs what the tests need, builds, and runs all of them on Node.js 20 with OpenTelemetry SDK 2.x and on
 * 22, 24 and 26 with SDK 3.x. `npm test -- 24` runs that round alone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT, installDebianPackages, installPackages } from './lib/install.mjs';
import { installNodes, nodeDirectory } from './lib/nodes.mjs';
import { must } from './lib/run.mjs';

const ROUNDS = [
  { node: '20', sdk: '2' },
  { node: '22', sdk: '3' },
  { node: '24', sdk: '3' },
  { node: '26', sdk: '3' },
];
const SDK3 = join(ROOT, '.cache/sdk3');
/** What mocha may take for one workspace, or lerna for all. Without a limit, a program that hangs would hide every result. */
const LIMIT_MINUTES = 20;
const PACKAGES = ['fair-sampling', 'profiler', 'instrumentation', 'exporter'];

const chosen = process.argv.slice(2);
const unknown = chosen.filter((version) => !ROUNDS.some(({ node }) => node === version));
if (unknown.length > 0) {
  console.error(`npm test takes Node.js versions out of 20, 22, 24, 26; got ${unknown.join(' ')}`);
  process.exit(2);
}
const rounds = ROUNDS.filter(({ node }) => chosen.length === 0 || chosen.includes(node));

await installPackages(ROOT);
await installNodes();
await installDebianPackages({
  gcc: '/usr/bin/cc',
  'libc6-dev': '/usr/include/stdio.h',
  binutils: '/usr/bin/readelf',
  prometheus: '/usr/bin/prometheus',
  chromium: '/usr/bin/chromium',
  'golang-go': '/usr/bin/go',
  graphviz: '/usr/bin/dot',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
});
await must('npx', ['lerna', 'run', 'build', '--loglevel', 'warn'], { cwd: ROOT });
if (rounds.some(({ sdk }) => sdk === '3')) await stageSdk3();

const totals = { passed: 0, failed: 0 };
const failures = [];
for (const round of rounds) await runRound(round);
for (const { title, text } of failures) console.log(`\n=== Failed: ${title}\n${text}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 ? 1 : 0;

/**
 * The compiled workspaces once more, below a `node_modules` with SDK 3.x: what they ask for of OpenTelemetry they find
 * there, everything else in the repository's own `node_modules` further up.
 */
async function stageSdk3() {
  mkdirSync(SDK3, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(ROOT, 'test/matrix/sdk3', file), join(SDK3, file));
  }
  await installPackages(SDK3);
  const workspaces = {
    '@rulescope/fair-sampling': 'packages/fair-sampling',
    '@rulescope/profiler': 'packages/profiler',
    '@rulescope/instrumentation': 'packages/instrumentation',
    '@rulescope/exporter': 'packages/exporter',
    rulescope: 'packages/rulescope',
    '@rulescope/example-demo': 'examples/demo',
    '@rulescope/example-quickstart': 'examples/quickstart',
    '@rulescope/benchmarks': 'benchmarks',
    '@rulescope/system-tests': 'test',
  };
  mkdirSync(join(SDK3, 'node_modules/@rulescope'), { recursive: true });
  for (const [name, directory] of Object.entries(workspaces)) {
    rmSync(join(SDK3, directory), { recursive: true, force: true });
    cpSync(join(ROOT, directory), join(SDK3, directory), {
      recursive: true,
      filter: (path) => !/node_modules|[/\\](matrix|peers)/.test(path.slice(ROOT.length)),
    });
    const link = join(SDK3, 'node_modules', name);
    rmSync(link, { force: true });
    symlinkSync(join(SDK3, directory), link, 'dir');
  }
  cpSync(join(ROOT, '.mocharc.json'), join(SDK3, '.mocharc.json'));
}

async function runRound({ node, sdk }) {
  const bin = nodeDirectory(node);
  const title = `Node.js ${node}, OpenTelemetry SDK ${sdk}.x`;
  console.log(`\n=== ${title}`);
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    FORCE_COLOR: '0',
    RULESCOPE_NODE: node,
    RULESCOPE_SDK: sdk,
  };
  if (sdk === '2') {
    await counted(
      title,
      'npx',
      ['lerna', 'run', 'test', '--stream', '--no-bail', '--concurrency', '1', '--loglevel', 'warn'],
      ROOT,
      env,
    );
    return;
  }
  const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
  for (const name of PACKAGES) {
    await counted(title, join(bin, 'node'), [mocha], join(SDK3, 'packages', name), env);
  }
  await counted(title, join(bin, 'node'), [mocha], join(SDK3, 'test'), env);
}

/** Runs mocha, directly or through lerna, and adds what it says to the totals and to the failures. */
async function counted(title, command, args, cwd, env) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MINUTES * 60_000);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    output += text;
  });
  const [code, signal] = await once(child, 'close');
  clearTimeout(limit);
  const sum = (word) =>
    [...output.matchAll(new RegExp(`(\\d+) ${word}\\b`, 'g'))].reduce(
      (n, match) => n + Number(match[1]),
      0,
    );
  const [passed, failed] = [sum('passing'), sum('failing')];
  totals.passed += passed;
  totals.failed += failed;
  // A runner that dies, or that finds no test, says so by its exit code or by silence alone.
  if ((code !== 0 && failed === 0) || passed + failed === 0) {
    totals.failed++;
    failures.push({
      title,
      text: `${command} ${args.join(' ')} ended with ${code ?? signal} and no count`,
    });
  }
  for (const text of failureReports(output)) failures.push({ title, text });
}

/** What mocha says about failed tests, of each package by itself: shown again at the end, where a reader looks first. */
function failureReports(output) {
  const lines = stripVTControlCharacters(output).split('\n');
  return lines.flatMap((line, start) => {
    const prefix = /^(.*?) {2}\d+ failing\b/.exec(line)?.[1];
    if (prefix === undefined) return [];
    const length = lines.slice(start).findIndex((other) => !other.startsWith(prefix));
    return lines.slice(start, length === -1 ? undefined : start + length).join('\n');
  });
}
