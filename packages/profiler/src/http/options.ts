import { type Logger, safeLogger, silentLogger } from '../base/logger';
import {
  boolean,
  functionOption,
  integerInRange,
  knownKeys,
  loggerOption,
  matching,
  nonEmptyString,
} from '../base/validate';
import { type HeapOptions, resolveHeapOptions } from '../heap/options';
import type { Authorize } from './accessControl';

/** How profiles are served. */
export interface PprofHandlerOptions {
  /**
   * Tells whether a request may read profiles; only `true` admits it. Default: requests from this
   * machine are admitted, all others are refused. Your function replaces this check, also for
   * requests from this machine.
   */
  readonly authorize?: Authorize;
  /**
   * The path of the index page. Default `/debug/pprof`, and `/debug/rules/usage` beside it. Where
   * Express or connect mount the handler, it also answers below their mount point.
   */
  readonly path?: string;
  /** The longest recording that a request can ask for, seconds, 1 to 3,600. Default 300. */
  readonly maxSeconds?: number;
  /**
   * Requests that get data of the sampler at the same time, 1 to 100. Default 8. The next request
   * gets status 429.
   */
  readonly maxConcurrent?: number;
  /**
   * Samples the heap until the handler is closed, so that `heap` is answered at once. `true`, or
   * options of `openHeap`. With `allocations: true` (Node.js 26 or later) `allocs` is answered at
   * once as well. Default false: the heap is sampled only while a request for it lasts.
   */
  readonly heap?: boolean | HeapOptions;
  /**
   * Samples the CPU until the handler is closed, so that the first request for `rules/usage` already
   * gets the last five minutes. Default false: sampling begins with the first request, and ends when
   * none has come for five minutes.
   */
  readonly usage?: boolean;
  /** Key of the label whose values `rules/usage` lists as rules. Default `rule`. */
  readonly usageLabel?: string;
  /** Gets reports of failures. Default: failures are not reported. */
  readonly logger?: Logger;
}

interface ResolvedPprofOptions extends Required<
  Pick<
    PprofHandlerOptions,
    'path' | 'maxSeconds' | 'maxConcurrent' | 'usage' | 'usageLabel' | 'logger'
  >
> {
  readonly authorize: Authorize | undefined;
  readonly heap: HeapOptions | undefined;
}

/** `/`, or a path without a slash at its end. */
const PATH = /^(\/|(\/[^/?#\s]+)+)$/;

const KEYS = [
  'authorize',
  'path',
  'maxSeconds',
  'maxConcurrent',
  'heap',
  'usage',
  'usageLabel',
  'logger',
] as const;

/** Fills in the defaults. @throws InvalidOptionError */
export function resolvePprofOptions(options: PprofHandlerOptions = {}): ResolvedPprofOptions {
  knownKeys('PprofHandlerOptions', options, KEYS);
  const { authorize, heap = false, logger = silentLogger } = options;
  return {
    authorize: authorize === undefined ? undefined : functionOption('authorize', authorize),
    path: matching(
      'path',
      options.path ?? '/debug/pprof',
      PATH,
      'a path such as /debug/pprof, or /',
    ),
    maxSeconds: integerInRange('maxSeconds', options.maxSeconds ?? 300, 1, 3_600),
    maxConcurrent: integerInRange('maxConcurrent', options.maxConcurrent ?? 8, 1, 100),
    heap: heap === false ? undefined : resolveHeapOptions(heap === true ? {} : heap, 'heap'),
    usage: boolean('usage', options.usage ?? false),
    usageLabel: nonEmptyString('usageLabel', options.usageLabel ?? 'rule'),
    logger: safeLogger(loggerOption('logger', logger)),
  };
}
