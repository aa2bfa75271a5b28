/** Prints what a profile shows for each stage, with the reports of rulescope: `npm run report`. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { formatTop, topByLabel } from '@rulescope/profiler/report';
import { Profile } from 'pprof-format';

const FUNCTIONS = 5;

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Usage: npm run report -- FILE.pb.gz');
  process.exit(2);
}
const profile = Profile.decode(gunzipSync(readFileSync(file)));
for (const [stage = 'none', top] of topByLabel(profile, 'stage')) {
  const [, functions] = formatTop(top, { nodeCount: FUNCTIONS }).split(/^(?= +flat)/m);
  console.log(`stage: ${stage}\n${functions}`);
}
