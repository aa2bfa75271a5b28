import { join } from 'node:path';

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

const PACKAGE = join(__dirname, '..', '..');

/**
 * Files to try, in this order: the file that npm's install script compiled, and the file in the
 * package.
 */
export const ADDON_FILES: readonly string[] = [
  join(PACKAGE, 'build/Release/fair-sampling.node'),
  join(PACKAGE, `prebuilds/${process.platform}-${process.arch}/fair-sampling.node`),
];

/**
 * Loads the first of `files` that can be loaded.
 *
 * @throws {FairSamplingUnavailableError} if no file can be loaded. The message has the cause for
 * each file.
 */
export function loadAddon(files: readonly string[]): Addon {
  const causes: unknown[] = [];
  for (const file of files) {
    const module: { exports: unknown } = { exports: {} };
    try {
      process.dlopen(module, file);
      return module.exports as Addon;
    } catch (error) {
      causes.push(error);
    }
  }
  throw new FairSamplingUnavailableError(
    `the native add-on of @rulescope/fair-sampling does not load on ` +
      `${process.platform}-${process.arch}: ${describe(causes)}`,
    { cause: causes.length === 1 ? causes[0] : new AggregateError(causes) },
  );
}

/** Returns the messages without repetitions. Node.js refuses every add-on with the same message. */
function describe(causes: readonly unknown[]): string {
  const messages = causes.map((cause) => (cause instanceof Error ? cause.message : String(cause)));
  return [...new Set(messages)].join('; ');
}
