import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from './install.mjs';
import { nodeBinary, nodeDirectory } from './nodes.mjs';
import { runGroup } from './run.mjs';

const MOCHA = join(ROOT, 'node_modules/mocha/bin/mocha.js');
const REPORTER = join(ROOT, 'scripts/lib/reporter.mjs');
/** Folder with the full report and log of each run. */
const RESULTS = join(ROOT, '.cache/tests');
const LOG_LINES = 60;

/**
 * Runs a suite of `testRuns.mjs` below `root`. Resolves with the number of passed tests and the
 * failures. A run that dies, hangs or finds no test is a failure too.
 */
export async function runMocha({ name, directory, ignore, node, sdk, scope }, root, limitMinutes) {
  mkdirSync(RESULTS, { recursive: true });
  const file = join(RESULTS, `${name}-node${node}-sdk${sdk}`);
  const [report, log] = [`${file}.json`, `${file}.log`];
  rmSync(report, { force: true });
  const args = [MOCHA, '--reporter', REPORTER, '--reporter-option', `output=${report}`];
  for (const files of ignore ?? []) args.push('--ignore', files);
  const output = openSync(log, 'w');
  const ending = await runGroup(nodeBinary(node), args, {
    cwd: join(root, directory),
    stdio: ['ignore', output, output],
    limitMinutes,
    env: {
      ...process.env,
      PATH: `${nodeDirectory(node)}${delimiter}${process.env.PATH}`,
      FORCE_COLOR: '0',
      RULESCOPE_NODE: node,
      RULESCOPE_SDK: sdk,
      RULESCOPE_TEST_SCOPE: scope,
    },
  });
  closeSync(output);
  const results = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  const { passed, failures } = countTests(results);
  const problem = findProblem(results, ending, limitMinutes);
  if (problem !== undefined) {
    const end = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
    failures.push({ title: `the run ${problem}`, text: `The end of ${log}:\n${end}` });
  }
  return { passed, failures };
}

/** Returns the number of passed tests, and the title and details of each failure. */
function countTests(results) {
  const failures = (results?.failures ?? []).map(({ fullTitle, file, err }) => ({
    title: fullTitle,
    text: `${file}\n${err.stack ?? err.message ?? JSON.stringify(err)}`,
  }));
  return { passed: results?.stats.passes ?? 0, failures };
}

/** Returns why the results of a run are incomplete, or `undefined` if they are complete. */
function findProblem(results, { code, signal, late }, limitMinutes) {
  if (late) return `was killed after ${limitMinutes} minutes`;
  if (signal !== null) return `was ended by ${signal}`;
  if (results === undefined) return `ended with exit code ${code} and no results`;
  const { passes, failures } = results.stats;
  if (passes + failures === 0) return 'found no test';
  // mocha's own exit code is the number of failures.
  if (code !== Math.min(failures, 255))
    return `ended with exit code ${code} and ${failures} failures`;
  return undefined;
}
