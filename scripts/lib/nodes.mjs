import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, installPackages } from './install.mjs';

/** Supported versions of Node.js. The tests run on each of them. */
export const NODE_VERSIONS = ['20', '22', '24', '26'];

const NODES = join(ROOT, 'test/matrix/nodes');

/** Installs all versions of Node.js in `test/matrix/nodes`. */
export function installNodes() {
  return installPackages(NODES);
}

/** Returns the folder with the executable of Node.js `version`. */
export function nodeDirectory(version) {
  const directory = join(NODES, 'node_modules', `node${version}`, 'bin');
  if (!existsSync(directory)) {
    throw new Error(`no Node.js ${version} for this platform in ${NODES}`);
  }
  return directory;
}

export function nodeBinary(version) {
  return join(nodeDirectory(version), 'node');
}
