import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder in which `npm test` and the benchmarks install the versions of Node.js they run on. */
const NODES = join(__dirname, '../../../test/matrix/nodes/node_modules');

/** Returns the path of the executable of Node.js `version` (20, 22, 24 or 26). */
export function nodeBinary(version: string): string {
  const path = join(NODES, `node${version}`, 'bin/node');
  if (!existsSync(path))
    throw new Error(`Node.js ${version} is not installed: ${path} does not exist`);
  return path;
}
