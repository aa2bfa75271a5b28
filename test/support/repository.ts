import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository. Tests with OpenTelemetry SDK 3.x run as a copy in a folder below it. */
export const ROOT = (function find(directory: string): string {
  return existsSync(join(directory, 'docs/bundlers.md')) ? directory : find(dirname(directory));
})(__dirname);

/** Returns the path of a file of a Debian package that `scripts/lib/debianReleases.mjs` unpacked. */
export function debianFile(packageName: string, path: string): string {
  return join(ROOT, '.cache/debian', packageName, path);
}
