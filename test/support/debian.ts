import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns the path of a file of a Debian package that `scripts/lib/trixie.mjs` downloaded. Tests
 * with OpenTelemetry SDK 3.x run as a copy in a folder below the repository.
 */
export function debianFile(packageName: string, path: string): string {
  for (
    let directory = __dirname;
    directory !== dirname(directory);
    directory = dirname(directory)
  ) {
    const file = join(directory, '.cache/debian', packageName, path);
    if (existsSync(file)) return file;
  }
  throw new Error(`${path} of the Debian package ${packageName} is missing; run npm test`);
}
