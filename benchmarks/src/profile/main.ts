/**
 * `npm run bench:profile` measures for how long the end of a long profile blocks the event loop, at
 * 1,000 samples per second. The subjects take turns, one process at a time, so that noise of the
 * machine affects all of them alike.
 *
 *     --node 20,24        versions of Node.js; default 20, 24 and 26
 *     --subject TEXT      only subjects whose name contains TEXT
 *     --seconds 30,300    lengths of the profile; default 30 and 300
 *     --turns N           processes per subject and length; default 3
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../nodes';
import { median } from '../statistics';
import { type EndedProfile, measure } from './measure';
import { PROFILE_SUBJECTS, type ProfileSubjectName, createProfileSubject } from './subjects';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '20,24,26' },
    subject: { type: 'string', default: '' },
    seconds: { type: 'string', default: '30,300' },
    turns: { type: 'string', default: '3' },
    run: { type: 'string' },
  },
});

/** Measures one subject in this process and prints the result as JSON. */
async function runHere(name: string): Promise<void> {
  const subject = createProfileSubject(name as ProfileSubjectName);
  const ended = await measure(subject, Number(options.seconds));
  process.stdout.write(JSON.stringify(ended), () => process.exit());
}

function compare(node: string, seconds: string): void {
  const results = new Map<ProfileSubjectName, EndedProfile[]>();
  for (let turn = 0; turn < Number(options.turns); turn++) {
    for (const name of PROFILE_SUBJECTS.filter((each) => each.includes(options.subject))) {
      const args = [__filename, '--run', name, '--seconds', seconds];
      const output = execFileSync(nodeBinary(node), args, { encoding: 'utf8' });
      results.set(name, [...(results.get(name) ?? []), JSON.parse(output) as EndedProfile]);
      process.stderr.write('.');
    }
  }
  printTable(`Node.js ${node}, ${seconds} s`, results);
}

function printTable(
  title: string,
  results: ReadonlyMap<ProfileSubjectName, readonly EndedProfile[]>,
): void {
  const row = (cells: readonly (string | number)[]): void =>
    console.log(`| ${cells.join(' | ')} |`);
  console.log(`\n${title}: the end of a profile at 1,000 samples per second\n`);
  const head = ['subject', 'longest block: median, ms', 'max, ms', 'before the end: median, ms'];
  head.push('until the last byte, ms', 'samples in the profile', 'bytes', 'block / rulescope');
  row(head);
  row(head.map(() => '---'));
  const middle = (ended: readonly EndedProfile[], key: keyof EndedProfile): number =>
    median(ended.map((each) => each[key]));
  const [ours = []] = results.values();
  for (const [name, ended] of results) {
    row([
      name,
      middle(ended, 'blockMillis').toFixed(1),
      Math.max(...ended.map(({ blockMillis }) => blockMillis)).toFixed(1),
      middle(ended, 'baselineMillis').toFixed(1),
      middle(ended, 'readyMillis').toFixed(0),
      middle(ended, 'samples'),
      middle(ended, 'bytes'),
      (middle(ended, 'blockMillis') / middle(ours, 'blockMillis')).toFixed(2),
    ]);
  }
}

if (options.run === undefined) {
  for (const node of options.node.split(',')) {
    for (const seconds of options.seconds.split(',')) compare(node, seconds);
  }
} else {
  runHere(options.run).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
