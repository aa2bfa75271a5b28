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

/** Several seconds, because dd-trace names its files by the second. */
const UPLOAD_PERIOD_MILLIS = 4_000;

/**
 * Runs dd-trace, which writes its profiles to files: version 5 on Node.js 20, else version 6. It
 * samples every 10,101 microseconds and has no option to change that. It labels samples only on
 * runtimes with AsyncContextFrame.
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
    // dd-trace writes a second file to the current directory.
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

  /** Waits for the files of the current period. */
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

  /** Returns all samples, or `undefined` while a file is incomplete. */
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
