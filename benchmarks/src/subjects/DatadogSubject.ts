import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StackSample, Subject } from './Subject';
import { requirePeer } from './requirePeer';
import { decodeStackSamples } from './stackSamples';

interface Tracer {
  init(options: object): void;
  readonly profiling: {
    setCustomLabelKeys(keys: string[]): void;
    runWithLabels<R>(labels: Record<string, string>, fn: () => R): R;
  };
}

/** Its files are named by the second. */
const UPLOAD_PERIOD_MILLIS = 4_000;

/**
 * dd-trace, version 6, or 5 on Node.js 20, which writes its profiles to files. It samples every 10,101 microseconds and
 * cannot be told otherwise; it labels only where the runtime has AsyncContextFrame.
 */
export class DatadogSubject implements Subject {
  readonly name = 'dd-trace';
  private readonly directory = mkdtempSync(join(tmpdir(), 'rulescope-datadog-'));
  private tracer: Tracer | undefined;

  start(_intervalMicros: number, windowMillis = UPLOAD_PERIOD_MILLIS): Promise<void> {
    Object.assign(process.env, {
      DD_PROFILING_ENABLED: 'true',
      DD_PROFILING_EXPORTERS: 'file',
      DD_PROFILING_PPROF_PREFIX: `${this.directory}/`,
      DD_PROFILING_PROFILERS: 'wall',
      DD_PROFILING_UPLOAD_PERIOD: String(windowMillis / 1000),
      DD_PROFILING_CPU_ENABLED: 'true',
      DD_PROFILING_DEBUG_UPLOAD_COMPRESSION: 'gzip',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_STARTUP_LOGS: 'false',
    });
    // It writes a second file to where the process stands.
    process.chdir(this.directory);
    const version = process.versions.node.startsWith('20.') ? 5 : 6;
    const { default: tracer } = requirePeer<{ default: Tracer }>(`dd-trace-${version}`);
    tracer.init({ profiling: true, plugins: false });
    tracer.profiling.setCustomLabelKeys(['rule']);
    this.tracer = tracer;
    return Promise.resolve();
  }

  withRule<R>(rule: string, fn: () => R): R {
    return this.tracer === undefined ? fn() : this.tracer.profiling.runWithLabels({ rule }, fn);
  }

  /** Waits for the files of the period that is under way. */
  async stop(): Promise<StackSample[]> {
    const known = this.files().length;
    const watcher = watch(this.directory);
    let samples: StackSample[] | undefined;
    while (this.files().length === known || (samples = this.read()) === undefined) {
      await once(watcher, 'change');
    }
    watcher.close();
    process.chdir('/');
    rmSync(this.directory, { recursive: true });
    return samples;
  }

  /** `undefined` while a file is not written to its end. */
  private read(): StackSample[] | undefined {
    try {
      return this.files().flatMap((file) =>
        decodeStackSamples(readFileSync(join(this.directory, file))),
      );
    } catch {
      return undefined;
    }
  }

  private files(): string[] {
    return readdirSync(this.directory).filter((file) => /^wall.*\.pprof$/.test(file));
  }
}
