import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as binaries from './binaries';

/** Exports of `fairSampling.c`. A negative result is an error number of the system. */
export interface Addon {
  /** SHA-256 of the `fairSampling.c` that the binary was compiled from, in hexadecimal. */
  readonly source: string;
  /** Returns 0, or libuv's error number. */
  maskPolling(): number;
  /** Returns 1 if the kernel uses the short slice, 0 if it does not. */
  shortenSlice(threadId: number): number;
  /** Sets the timer slack of the calling thread and returns the previous slack. */
  replaceTimerSlack(nanoseconds: number): number;
}

/**
 * Error for a native add-on that does not load: there is no file for this platform, or Node.js
 * refuses to load it. The message gives the platform, the architecture and the cause.
 */
export class FairSamplingUnavailableError extends Error {
  override readonly name = 'FairSamplingUnavailableError';
}

const PLATFORM = `${process.platform}-${process.arch}`;

/**
 * Files to try, in this order: the file that npm's install script compiled, and the file in the
 * package. A bundle in the format of ES modules has no `__dirname`.
 */
export const ADDON_FILES: readonly string[] =
  typeof __dirname === 'undefined'
    ? []
    : ['build/Release', `prebuilds/${PLATFORM}`].map((folder) =>
        join(__dirname, '..', '..', folder, 'fair-sampling.node'),
      );

/**
 * Loads the first of `files` that can be loaded. If no file exists, as in a bundled application,
 * loads the copy of the binary that the code contains.
 *
 * @throws {FairSamplingUnavailableError} if the add-on cannot be loaded. The message has the cause
 * for each file.
 */
export function loadAddon(files: readonly string[], embedded = embeddedBinary): Addon {
  const loaders = files.map((file) => () => load(file));
  const binary = files.some((file) => existsSync(file)) ? undefined : embedded();
  if (binary !== undefined) loaders.push(() => loadCopy(binary));
  const causes: unknown[] = [];
  for (const attempt of loaders) {
    try {
      return attempt();
    } catch (error) {
      causes.push(error);
    }
  }
  throw new FairSamplingUnavailableError(
    `the native add-on of @rulescope/fair-sampling does not load on ${PLATFORM}: ` +
      describe(causes),
    { cause: causes.length === 1 ? causes[0] : new AggregateError(causes) },
  );
}

function load(file: string): Addon {
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, file);
  return module.exports as Addon;
}

/** Loads `binary` from a temporary folder that only this user can write to. Deletes the folder. */
function loadCopy(binary: Uint8Array): Addon {
  const directory = mkdtempSync(join(tmpdir(), 'rulescope-'));
  try {
    const file = join(directory, 'fair-sampling.node');
    writeFileSync(file, binary);
    return load(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function embeddedBinary(): Uint8Array | undefined {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- few applications need it
  const { BINARIES } = require('./binaries') as typeof binaries;
  const base64 = BINARIES[PLATFORM];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

/** Returns the messages without repetitions. Node.js refuses every add-on with the same message. */
function describe(causes: readonly unknown[]): string {
  const messages = causes.map((cause) => (cause instanceof Error ? cause.message : String(cause)));
  return [...new Set(messages)].join('; ');
}
