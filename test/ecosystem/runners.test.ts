import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appFolder, application, examples, output } from './support/application';
import { type Figures, assertMeasured } from './support/figures';

const FILES = 6;
/** Test runners may hold the test file that ended last. */
const MAX_KEPT = 2;

/** Returns test files by name. `text` is the text of one, in which `PREFIX` becomes its own. */
function testFiles(extension: string, text: string): Record<string, string> {
  const prefixes = Array.from({ length: FILES }, (_, index) => `file${index}-`);
  return Object.fromEntries(
    prefixes.map((prefix) => [`${prefix}.test.${extension}`, text.replaceAll('PREFIX', prefix)]),
  );
}

const JEST = `
const { measureFile } = require('./rules.cjs');
test('measures', () => measureFile('PREFIX'), 60_000);
`;
const LABEL = `
test('labels', () => expect(withRule('a', () => 1)).toBe(1));
`;
const VITEST = `
import { createRequire } from 'node:module';
import { test } from 'vitest';
const { measureFile } = createRequire(import.meta.url)('./rules.cjs');
test('measures', () => measureFile('PREFIX'), 60_000);
`;

/** How to run all test files in one process. */
const RUNNERS: readonly (readonly [string, string, readonly string[]])[] = [
  ['Jest', JEST, ['jest', '--runInBand']],
  ...['threads', 'forks', 'vmThreads', 'vmForks'].map(
    (pool) =>
      [
        `vitest, ${pool}`,
        VITEST,
        ['vitest', 'run', '--pool', pool, '--maxWorkers', '1', '--no-file-parallelism'],
      ] as const,
  ),
  [
    'vitest, threads without isolation',
    VITEST,
    ['vitest', 'run', '--pool', 'threads', '--maxWorkers', '1', '--no-isolate'],
  ],
];

/** Test files, and the value of `END` that they run with. */
const ENDINGS = [
  ['end what they start', 'yes'],
  ['leave sampling on', 'no'],
] as const;

describe('many test files in one process', () => {
  for (const [name, text, [command, ...args]] of RUNNERS) {
    for (const [ending, END] of ENDINGS) {
      it(`measure their own rules if they ${ending}: ${name}`, async () => {
        const files = testFiles(text === JEST ? 'js' : 'mjs', text);
        // The example needs the globals of Jest.
        if (text === JEST)
          files['page.test.js'] = `${examples('Jest and vitest').join('')}${LABEL}`;
        const folder = `${name} ${END}`.replaceAll(/\W+/g, '-');
        const directory = appFolder(await application(), folder, ['runners', 'measure.cjs'], {
          'package.json': '{}',
          ...files,
        });
        const env = { RESULTS: join(directory, 'results.txt'), END };
        const printed = await output(command!, args, { cwd: directory, env });
        assert.doesNotMatch(printed, /RULESCOPE_|rulescope:/);

        const results = readFileSync(env.RESULTS, 'utf8').trimEnd().split('\n').map(parse);
        assert.equal(results.length, FILES);
        for (const { prefix, figures, kept } of results) {
          assertMeasured(figures, prefix);
          // Without isolation, all files have the same modules.
          if (args.includes('--no-isolate')) continue;
          const others = Object.keys(figures.seconds).filter((rule) => !rule.startsWith(prefix));
          assert.deepEqual(others, []);
          assert.ok(kept <= MAX_KEPT, `${kept} earlier files are in memory at ${prefix}`);
        }
      });
    }
  }
});

/** What a test file wrote. */
interface Result {
  readonly prefix: string;
  readonly figures: Figures;
  /** How many earlier test files are in memory. */
  readonly kept: number;
}

const parse = (line: string): Result => JSON.parse(line) as Result;
