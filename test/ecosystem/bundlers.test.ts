import { strict as assert } from 'node:assert';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../support/processes';
import {
  appFolder,
  application,
  emptyFolder,
  environment,
  examples,
  install,
  output,
  pprofVersion,
} from './support/application';
import { type Figures, assertMeasured } from './support/figures';

/** A bundler: how `docs/bundlers.md` calls it, and the file that it writes. */
interface Bundler {
  readonly name: string;
  /** Files that the page shows, by their position among its code blocks. The rest are commands. */
  readonly files: Readonly<Record<number, string>>;
  readonly bundle: string;
}

const BUNDLERS: readonly Bundler[] = [
  { name: 'webpack', files: { 0: 'webpack.config.js' }, bundle: 'dist/main.js' },
  { name: 'esbuild', files: {}, bundle: 'dist/app.js' },
  { name: 'esbuild, ES modules', files: {}, bundle: 'dist/app.mjs' },
  { name: 'ncc', files: {}, bundle: 'dist/index.js' },
];

/** Takes the external out of an example. */
const withoutExternal = (code: string): string =>
  code.replace(/^ *externals: .*\n|--external[: ]@datadog\/pprof /gm, '');

describe('a bundled application', () => {
  let deployed: string;
  before(async () => {
    deployed = emptyFolder('deployed');
    await install(deployed, { '@datadog/pprof': pprofVersion() });
  });

  /** Bundles the application as the page says, with `change` made to each code block. */
  async function bundle(
    { name, files }: Bundler,
    change: (code: string) => string,
    folder: string,
  ): Promise<string> {
    const blocks = examples(name).map(change);
    const texts = Object.entries(files).map(
      ([index, file]) => [file, blocks[Number(index)]!] as const,
    );
    const apps = ['bundled', 'measure.cjs'];
    const directory = appFolder(await application(), folder, apps, Object.fromEntries(texts));
    const commands = blocks.filter((_, index) => files[index] === undefined).join('');
    await output('sh', ['-ec', commands], { cwd: directory });
    return directory;
  }

  /** Runs a bundle in `place`, where nothing else of the application exists. */
  async function deploy(directory: string, place: string, file: string): Promise<string> {
    cpSync(join(directory, 'dist'), join(place, 'dist'), { recursive: true });
    const program = run(process.execPath, [file], { cwd: place, env: environment() });
    assert.deepEqual(await program.ended, { code: 0, signal: null }, program.output());
    return program.output();
  }

  it('is told the version of @datadog/pprof to install', () => {
    const [command = ''] = examples('Every bundler');
    assert.match(command, new RegExp(`@datadog/pprof@${pprofVersion()}\\n$`));
  });

  for (const [index, bundler] of BUNDLERS.entries()) {
    describe(bundler.name, () => {
      it('needs only @datadog/pprof beside it', async () => {
        const directory = await bundle(bundler, (code) => code, `bundled-${index}`);
        const printed = await deploy(directory, join(deployed, `app-${index}`), bundler.bundle);
        // A warning would be a second line.
        assert.match(printed, /^\{.*\}\n$/);
        assertMeasured(JSON.parse(printed) as Figures);
      });

      it('says once what to do if the native part is not there, and runs on', async () => {
        const directory = await bundle(bundler, withoutExternal, `inside-${index}`);
        const printed = await deploy(directory, emptyFolder(`bare-${index}`), bundler.bundle);
        const warnings = printed.match(/\[RULESCOPE_\w+\].*/g) ?? [];
        assert.equal(warnings.length, 1, printed);
        assert.match(warnings[0], /make "@datadog\/pprof" external in the bundler/);
        assert.match(printed, /^\{"seconds":\{\}.*\}$/m);
      });
    });
  }
});
