/**
 * `npm run bench:pause` measures for how long a closing profile window blocks the event loop. It
 * compares rulescope with other profilers, under load and at 99 samples per second. The profilers
 * take turns, one process at a time, so that noise of the machine affects all of them alike.
 *
 *     --node 20,24        versions of Node.js; default 20, 24 and 26
 *     --subject TEXT      only profilers whose name contains TEXT
 *     --turns N           processes per profiler; default 3
 *     --windows N         windows per process; default 10, after two windows of warm-up
 *     --seconds N         length of a window; default 5, which is rulescope's default
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../nodes';
import { type ClosedWindow, type PauseOptions, measure } from './measure';
import { printTable } from './report';
import { PAUSE_SUBJECTS, type PauseSubjectName } from './subjects';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '20,24,26' },
    subject: { type: 'string', default: '' },
    turns: { type: 'string', default: '3' },
    windows: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '5' },
    run: { type: 'string' },
  },
});

const pauseOptions: PauseOptions = {
  windows: Number(options.windows),
  windowMillis: Number(options.seconds) * 1000,
  // dd-trace has this interval and no option to change it.
  intervalMicros: 10_101,
};

/** Measures one profiler in this process and prints its windows as JSON. */
async function runHere(name: string): Promise<void> {
  const windows = await measure(name as PauseSubjectName, pauseOptions);
  process.stdout.write(JSON.stringify(windows), () => process.exit());
}

function compare(node: string): void {
  const results = new Map<PauseSubjectName, ClosedWindow[]>();
  for (let turn = 0; turn < Number(options.turns); turn++) {
    for (const name of PAUSE_SUBJECTS.filter((each) => each.includes(options.subject))) {
      const { windows, seconds } = options;
      const args = [__filename, '--run', name, '--windows', windows, '--seconds', seconds];
      const output = execFileSync(nodeBinary(node), args, { encoding: 'utf8' });
      const all = results.get(name) ?? [];
      results.set(name, [...all, ...(JSON.parse(output) as ClosedWindow[])]);
      process.stderr.write('.');
    }
  }
  printTable(node, results, pauseOptions);
}

if (options.run === undefined) options.node.split(',').forEach(compare);
else {
  runHere(options.run).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
