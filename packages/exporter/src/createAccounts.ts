import { threadId } from 'node:worker_threads';
import type * as hotFunctions from './HotFunctions';
import { RuleAccounts } from './RuleAccounts';
import type { SeriesOptions } from './options';

/** Creates the accounts of this thread. */
export function createAccounts(options: SeriesOptions, wholeWindowSeconds: number): RuleAccounts {
  const endings = { count: 0 };
  if (!options.groups.functions) {
    return new RuleAccounts(options, wholeWindowSeconds, threadId, endings);
  }
  // Loaded late: it loads the reports of the profiler, with their source maps.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { HotFunctions } = require('./HotFunctions') as typeof hotFunctions;
  const functions = new HotFunctions(options, wholeWindowSeconds, endings);
  return new RuleAccounts(options, wholeWindowSeconds, threadId, endings, functions);
}
