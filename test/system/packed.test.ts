import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/processes';

const PACKAGES = join(__dirname, '../../../packages');
const NAMES = ['fair-sampling', 'profiler', 'instrumentation', 'exporter', 'rulescope'];

/** Starts sampling and prints `samplerSupport()`. */
const PROGRAM = `
  const { samplerSupport, sharedCollector } = require('@rulescope/profiler');
  const consumer = sharedCollector().addConsumer('packed', () => {});
  console.log(JSON.stringify(samplerSupport()));
  consumer.remove();
`;

/** Runs a program to its end and returns its output. */
async function output(command: string, args: string[], directory: string): Promise<string> {
  const program = run(command, args, { cwd: directory });
  const { code } = await program.ended;
  assert.equal(code, 0, `${command} ${args[0]}: ${program.output()}`);
  return program.output();
}

// This needs the npm registry, or an npm cache with the dependencies.
describe('the packed packages', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rulescope-packed-'));
    const folders = NAMES.map((name) => join(PACKAGES, name));
    const packed = await output('npm', ['pack', '--json', ...folders], directory);
    const files = [...packed.matchAll(/"filename": "(.*)"/g)].map(([, file]) => `./${file}`);
    assert.equal(files.length, NAMES.length, packed);

    await writeFile(join(directory, 'package.json'), '{ "private": true }');
    const quickly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    await output('npm', ['install', ...quickly, '@opentelemetry/api@1', ...files], directory);
  });
  after(() => rm(directory, { recursive: true }));

  it('sample fairly when they are installed without scripts', async () => {
    // The output includes warnings, which give the reason if sampling is not fair.
    const printed = await output(process.execPath, ['--eval', PROGRAM], directory);
    assert.match(printed, /^\{.*"fair":true/m);
  });

  it('say which packages rulescope/register could use, and run the application', async () => {
    const app = `setInterval(() => console.log('runs'), 100)`;
    const args = ['--import', 'rulescope/register', '--eval', app];
    const program = run(process.execPath, args, { cwd: directory });
    await program.waitFor(/RULESCOPE_NO_ADAPTERS.*npm install @opentelemetry\/instrumentation/);
    await program.waitFor(
      /RULESCOPE_NO_ENDPOINT.*npm install @opentelemetry\/exporter-prometheus[^]*runs/,
    );
    await program.stop();
  });
});
