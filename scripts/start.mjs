/** `npm start`: installs, builds and runs the demo. Options go to the demo. */
import { join } from 'node:path';
import { ROOT, installPackages } from './lib/install.mjs';
import { must, run } from './lib/run.mjs';

await installPackages(ROOT);
await must(
  process.execPath,
  [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', 'examples/demo'],
  {
    cwd: ROOT,
  },
);
process.exitCode = await run(process.execPath, [
  join(ROOT, 'examples/demo/build/src/main.js'),
  ...process.argv.slice(2),
]);
