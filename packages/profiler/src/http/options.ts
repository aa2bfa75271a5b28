import { InvalidOptionError } from '../base/errors';
import { type HeapOptions, resolveHeapOptions } from '../heap/options';
import { type Logger, safeLogger, silentLogger } from '../base/logger';
import { integerInRange, knownKeys } from '../base/validate';
import type { Authorize } from './Gate';

/** How profiles are served. */
export interface PprofHandlerOptions {
  /**
   * Says whether a request may see profiles; only `true` lets it in. Default: requests by programs on this machine are let in,
   * all others are not. With a function of yours it alone decides, also about those on this machine.
   */
  readonly authorize?: Authorize;
  /**
   * The path of the index page on a server that knows no mount points. Default `/debug/pprof`. Where Express or connect mount the
   * handler, their path counts as well.
   */
  readonly path?: string;
  /** The longest recording that can be asked for, seconds, 1 to 3,600. Default 300. */
  readonly maxSeconds?: number;
  /** Recordings at the same time, 1 to 100. Default 8. Further ones are answered with 429. */
  readonly maxConcurrent?: number;
  /**
   * Keeps heap sampling on until the handler is closed, so that `heap` can be answered at once. `true`, or options of
   * `openHeap`; with `allocations: true` (Node.js 26 or later) the same goes for `allocs`. Default false: the heap is sampled while
   * a request asks for it.
   */
  readonly heap?: boolean | HeapOptions;
  /** Where failures are reported. Default: nowhere. */
  readonly logger?: Logger;
}

export interface ResolvedPprofOptions {
  readonly authorize: Authorize | undefined;
  readonly path: string;
  readonly maxSeconds: number;
  readonly maxConcurrent: number;
  readonly heap: HeapOptions | undefined;
  readonly logger: Logger;
}

const KEYS = ['authorize', 'path', 'maxSeconds', 'maxConcurrent', 'heap', 'logger'] as const;

/** Fills in the defaults. @throws InvalidOptionError naming the option, its value and what is allowed. */
export function resolvePprofOptions(options: PprofHandlerOptions = {}): ResolvedPprofOptions {
  knownKeys('PprofHandlerOptions', options, KEYS);
  const { authorize, heap = false, logger = silentLogger } = options;
  if (authorize !== undefined && typeof authorize !== 'function') {
    throw new InvalidOptionError('authorize', authorize, 'a function');
  }
  for (const method of ['error', 'warn', 'debug'] as const) {
    if (typeof logger[method] !== 'function') {
      throw new InvalidOptionError(`logger.${method}`, logger[method], 'a function');
    }
  }
  return {
    authorize,
    path: pathOption(options.path ?? '/debug/pprof'),
    maxSeconds: integerInRange('maxSeconds', options.maxSeconds ?? 300, 1, 3_600),
    maxConcurrent: integerInRange('maxConcurrent', options.maxConcurrent ?? 8, 1, 100),
    heap: heap === false ? undefined : resolveHeapOptions(heap === true ? {} : heap),
    logger: safeLogger(logger),
  };
}

function pathOption(path: unknown): string {
  if (path === '/') return path;
  if (typeof path !== 'string' || !/^(\/[^/?#\s]+)+$/.test(path)) {
    throw new InvalidOptionError('path', path, 'a path such as /debug/pprof, or /');
  }
  return path;
}
