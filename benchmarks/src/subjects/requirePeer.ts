import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Loads a package from `benchmarks/peers`, where `scripts/bench.mjs` installs it. */
export function requirePeer<T>(name: string): T {
  return createRequire(join(__dirname, '../../../peers/package.json'))(name) as T;
}
