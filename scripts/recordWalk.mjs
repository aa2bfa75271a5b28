/**
 * `npm run hunt:record`: runs the commands of `examples/hunting-a-hot-spot/README.md` in one shell,
 * one after another, and writes into the page what they print. A command stands after `$ ` in a
 * block of the language `console`; what follows it in the block is its output.
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, build, installDebianPackages, installPackages } from './lib/install.mjs';

const FOLDER = join(ROOT, 'examples/hunting-a-hot-spot');
const PAGE = join(FOLDER, 'README.md');
/** The shell prints it, with the exit code, after each command. */
const END = '--- end of the command ---';
/** What `go tool pprof` says of itself. */
const NOISE =
  /^(Fetching profile over HTTP|Saved profile in|(File|Type|Time): |rulescope \d).*\n/gm;

await installPackages(ROOT);
await installDebianPackages(['time', 'curl', 'prometheus', 'golang-go', 'graphviz', 'chromium']);
await build();
for (const left of [join(FOLDER, 'log'), join(ROOT, '.cache/hunt')]) {
  rmSync(left, { recursive: true, force: true });
}
const shell = spawn('bash', { cwd: FOLDER, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
// Ends what the commands have left running, also after an error.
process.once('exit', () => process.kill(-shell.pid, 'SIGKILL'));
shell.stdin.write('exec 2>&1; set -o pipefail\n');
let printed = '';
shell.stdout.setEncoding('utf8').on('data', (text) => (printed += text));

const [first, ...parts] = readFileSync(PAGE, 'utf8').split(/^```console\n/m);
let page = first;
for (const part of parts) {
  const [block, ...rest] = part.split(/^```$/m);
  const recorded = [];
  for (const command of commandsOf(block)) recorded.push(await record(command));
  page += `\`\`\`console\n${recorded.join('\n')}\n\`\`\`${rest.join('```')}`;
}
writeFileSync(PAGE, page);
process.exit();

/** Returns the commands of a block. A line that ends with a backslash goes on in the next one. */
function commandsOf(block) {
  return block.match(/^\$ (.*\\\n)*.*/gm).map((command) => command.slice(2));
}

/** Runs a command, and returns it with what it prints. */
async function record(command) {
  console.error(`$ ${command}`);
  printed = '';
  shell.stdin.write(`${command}\ncode=$?; echo; echo "${END} $code"\n`);
  while (!printed.includes(`\n${END} `))
    await new Promise((next) => shell.stdout.once('data', next));
  const [output, code] = printed.split(`\n${END} `);
  if (Number(code) !== 0) throw new Error(`exit code ${code} of: ${command}\n${output}`);
  const text = output
    .replaceAll(`${ROOT}/`, '')
    .replace(NOISE, '')
    .replace(/[ \t]+$/gm, '');
  return `$ ${command}\n${text}`.trimEnd();
}
