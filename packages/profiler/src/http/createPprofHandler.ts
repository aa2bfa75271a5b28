import { systemClock } from '../collector/Clock';
import { heapSupport, openHeap } from '../heap/openHeap';
import { startLineProfile } from '../lines/startLineProfile';
import { sharedCollector } from '../thread/sharedCollector';
import { samplerSupport } from '../thread/threadSampler';
import { type PprofHandler, assembleHandler } from './assembleHandler';
import type { PprofHandlerOptions } from './options';

/**
 * What Go's net/http/pprof serves, for this thread: an index page, `profile`, `heap`, `allocs`, `cmdline`. Any number of readers get
 * profiles at the same time, each of its own span. Nothing is sampled before somebody asks, unless the option `heap` says so.
 *
 * @throws InvalidOptionError
 */
export function createPprofHandler(options: PprofHandlerOptions = {}): PprofHandler {
  return assembleHandler(
    {
      clock: systemClock,
      collector: sharedCollector,
      whyUnsupported: () => samplerSupport().reason,
      lines: { start: startLineProfile },
      heap: { open: openHeap, support: heapSupport },
      commandLine: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    },
    options,
  );
}
