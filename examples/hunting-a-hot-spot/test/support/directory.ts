import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Calls `fn` with a new directory, which is removed afterwards. */
export function inDirectory<R>(fn: (directory: string) => R): R {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-'));
  try {
    return fn(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
