import { join } from 'node:path';

/** What `fairSampling.c` exports. A negative result is the system's error number. */
export interface Addon {
  /** The SHA-256 of the `fairSampling.c` that the binary was compiled from, in hexadecimal. */
  readonly source: string;
  /** Returns 0, or libuv's error. */
  maskPolling(): number;
  /** Returns 1 if the kernel uses the short slice, 0 if it does not. */
  shortenSlice(threadId: number): number;
  /** Returns the timer slack that the calling thread had before. */
  replaceTimerSlack(nanoseconds: number): number;
}

/** Says that the native add-on does not load: no file for this platform, or Node.js refuses it. */
export class FairSamplingUnavailableError extends Error {
  override readonly name = 'FairSamplingUnavailableError';
}

const PACKAGE = join(__dirname, '..', '..');

/** The files to try, in order: compiled by npm's install script, brought by the package. */
export const ADDON_FILES: readonly string[] = [
  join(PACKAGE, 'build/Release/fair-sampling.node'),
  join(PACKAGE, `prebuilds/${process.platform}-${process.arch}/fair-sampling.node`),
];

/**
 * Loads the first of `files` that loads.
 *
 * @throws {FairSamplingUnavailableError} with the cause for each file.
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

/** Returns the messages without repeats: Node.js refuses every add-on in the same words. */
function describe(causes: readonly unknown[]): string {
  const messages = causes.map((cause) => (cause instanceof Error ? cause.message : String(cause)));
  return [...new Set(messages)].join('; ');
}
