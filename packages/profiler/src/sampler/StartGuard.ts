import { timers } from '../base/timers';

/** Native profiler of any version of `@datadog/pprof`, with the methods that the guard replaces. */
interface TimeProfiler {
  start(): void;
  stop(restart: boolean): unknown;
  /** Missing in older versions. */
  stopAndCollect?(restart: boolean, callback: (recording: unknown) => unknown): unknown;
}

/** Options of a native profiler that matter for an empty recording. */
interface Options {
  readonly collectCpuTime?: boolean;
}

/** Native class of a copy of `@datadog/pprof`. */
export type TimeProfilerClass = new (...args: never[]) => { start(): void };

/**
 * Guards the native class of one copy of `@datadog/pprof`. While the guard is closed, the profilers
 * of other code are silent: they can be created, started and stopped, and record nothing. Nothing
 * throws, because code that starts a profiler seldom expects that, and the package's `time` takes a
 * profiler that was created for one that runs.
 *
 * A silent profiler begins to sample when its owner closes a recording while the guard is open.
 */
export class StartGuard {
  private closed = false;
  private readonly silent = new Set<TimeProfiler>();
  private readonly guarded: TimeProfilerClass;
  private readonly nativeStart: () => void;
  private readonly guardedStart: () => void;

  /**
   * @param guardStart Whether to guard profilers too whose class was taken before the guard. Our
   *   own profilers are among them if the copy is our own.
   * @param refused Called when a profiler of other code is started and stays silent.
   */
  constructor(
    private readonly native: TimeProfilerClass,
    private readonly guardStart: boolean,
    private readonly refused: () => void,
  ) {
    this.guarded = new Proxy(native, {
      construct: (target, args: [options?: Options], newTarget): object => {
        const profiler = Reflect.construct(
          target,
          args,
          newTarget === this.guarded ? target : newTarget,
        ) as TimeProfiler;
        if (this.closed) this.silence(profiler, args[0]);
        return profiler;
      },
    });
    const { start } = native.prototype as TimeProfiler;
    const guardedStart = (profiler: TimeProfiler): void => {
      if (!this.closed) return start.call(profiler);
      this.silence(profiler);
      profiler.start();
    };
    this.nativeStart = start;
    this.guardedStart = function (this: TimeProfiler): void {
      guardedStart(this);
    };
  }

  /** Whether other code has started a profiler that is still silent. */
  get hasSilent(): boolean {
    return this.silent.size > 0;
  }

  /** Closes the guard. Replaces the class in `modules`, which export it. */
  close(modules: readonly { TimeProfiler?: TimeProfilerClass }[]): void {
    this.closed = true;
    replace(modules, this.native, this.guarded);
    const prototype = this.native.prototype as TimeProfiler;
    if (this.guardStart) prototype.start = this.guardedStart;
  }

  /** Opens the guard. Restores the class in `modules`. */
  open(modules: readonly { TimeProfiler?: TimeProfilerClass }[]): void {
    this.closed = false;
    replace(modules, this.guarded, this.native);
    const prototype = this.native.prototype as TimeProfiler;
    if (prototype.start === this.guardedStart) prototype.start = this.nativeStart;
  }

  /** Replaces the methods of a profiler that was never started. */
  private silence(profiler: TimeProfiler, options: Options = {}): void {
    let startTime = nowMicros();
    const start = (): void => {
      if (!this.closed) return this.release(profiler);
      this.silent.add(profiler);
      this.refused();
    };
    const stop = (restart: boolean): unknown => {
      const recording = emptyRecording(startTime, options.collectCpuTime === true);
      startTime = recording.endTime;
      if (!restart) this.silent.delete(profiler);
      else if (!this.closed) this.tryRelease(profiler);
      return recording;
    };
    const stopAndCollect: TimeProfiler['stopAndCollect'] = (restart, callback) =>
      callback(stop(restart));
    Object.assign(profiler, { start, stop, stopAndCollect });
  }

  /** Starts a silent profiler for real. Throws as the native `start` does. */
  private release(profiler: TimeProfiler): void {
    this.nativeStart.call(profiler);
    this.silent.delete(profiler);
    for (const name of ['start', 'stop', 'stopAndCollect']) Reflect.deleteProperty(profiler, name);
  }

  private tryRelease(profiler: TimeProfiler): void {
    try {
      this.release(profiler);
    } catch {
      // A third profiler is running in this thread. The next recording tries again.
    }
  }
}

/** Returns a recording without samples, in the form of the native part. */
function emptyRecording(startTime: number, hasCpuTime: boolean) {
  const place = { name: '(root)', scriptName: '', scriptId: 0, lineNumber: 0, columnNumber: 0 };
  return {
    topDownRoot: { ...place, hitCount: 0, children: [] },
    startTime,
    endTime: nowMicros(),
    hasCpuTime,
    nonJSThreadsCpuTime: 0,
  };
}

function nowMicros(): number {
  return Math.round(timers.monotonicMillis() * 1000);
}

function replace(
  modules: readonly { TimeProfiler?: TimeProfilerClass }[],
  from: TimeProfilerClass,
  to: TimeProfilerClass,
): void {
  for (const module of modules) if (module.TimeProfiler === from) module.TimeProfiler = to;
}
