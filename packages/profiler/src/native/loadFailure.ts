import { SamplerUnavailableError, toError } from '../base/errors';

const IN_A_BUNDLE =
  'in a bundled application, make "@datadog/pprof" external in the bundler and install it where ' +
  'the bundle runs';

/** Returns the error for a native part that does not load, with what the user can do about it. */
export function loadFailure(thrown: unknown): SamplerUnavailableError {
  const error = toError(thrown);
  const [firstLine] = error.message.split('\n', 1);
  return new SamplerUnavailableError(
    `the native part of @datadog/pprof does not load on ${process.platform}-${process.arch}, ` +
      `Node ${process.versions.node} (${firstLine}): ${remedyFor(error)}`,
    { cause: thrown },
  );
}

function remedyFor(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ERR_DLOPEN_DISABLED':
      return 'start Node.js without --no-addons, and beside --permission with --allow-addons';
    case 'ERR_ACCESS_DENIED':
      return 'let Node.js read the package: --allow-fs-read';
    case 'MODULE_NOT_FOUND':
      return `install it; ${IN_A_BUNDLE}`;
    default:
      return `the package has binaries for Linux, macOS and Windows; ${IN_A_BUNDLE}`;
  }
}
