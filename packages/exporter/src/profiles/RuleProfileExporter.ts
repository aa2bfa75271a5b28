import { diag } from '@opentelemetry/api';
import { sharedCollector } from '@rulescope/profiler';
import { isSdkDisabled } from '@rulescope/profiler/internal';
import { ProfileExporter } from './ProfileExporter';
import { type RuleProfileExporterOptions, resolveOptions } from './options';

/**
 * Sends the CPU profile of each window by OTLP/HTTP, with the labels of samples: which function
 * costs what for which rule. Experimental, like the signal: OTLP profiles of the version 1.11.0 of
 * `opentelemetry-proto`, `v1development`.
 *
 * Starts sampling at construction. It needs no `RuleMetrics` and shares the collector with it; the
 * length of windows is the collector's. It never keeps the process alive and never throws after its
 * construction. Does nothing if the environment variable `OTEL_SDK_DISABLED` is `true`. In a worker
 * thread it is off while the main thread has one, which exports its workers. Call {@link shutdown}
 * before the process ends, or its last window is lost.
 */
export class RuleProfileExporter extends ProfileExporter {
  /**
   * @param options Documented at {@link RuleProfileExporterOptions}.
   * @throws InvalidOptionError that names the option, its value and what is allowed.
   */
  constructor(options: RuleProfileExporterOptions = {}) {
    const warn = (message: string): void => diag.warn(`rulescope: ${message}`);
    const resolved = resolveOptions(options, process.env, warn);
    super(resolved, isSdkDisabled() ? undefined : sharedCollector({ logger: diag }));
  }
}
