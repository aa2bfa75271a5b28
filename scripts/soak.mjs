/**
 * `npm run soak`: runs the soak test for ten minutes on Node.js 20 and 24. See `test/soak/main.ts`.
 * Options: `-- --node 24 --minutes 2`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, build, installPackages } from './lib/install.mjs';
import { NODE_VERSIONS, installNodes, nodeBinary } from './lib/nodes.mjs';
import { run } from './lib/run.mjs';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '20,24' },
    minutes: { type: 'string', default: '10' },
  },
});
const versions = options.node.split(',');
const unknown = versions.filter((version) => !NODE_VERSIONS.includes(version));
if (unknown.length > 0) {
  console.error(
    `--node must be versions of ${NODE_VERSIONS.join(', ')}; got ${unknown.join(', ')}`,
  );
  process.exit(2);
}

await installPackages(ROOT);
await installNodes();
await build();
for (const version of versions) {
  const soak = [join(ROOT, 'test/build/soak/main.js'), '--minutes', options.minutes];
  if ((await run(nodeBinary(version), soak)) !== 0) process.exitCode = 1;
}
