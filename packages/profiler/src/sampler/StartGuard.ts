import { SamplerUnavailableError } from '../base/errors';

/** Native class, with the method that the guard uses. */
export type TimeProfilerClass = new (...args: never[]) => { start(): void };

/**
 * Replaces the native class of one copy of `@datadog/pprof`. While the guard is closed, no profiler
 * can be created.
 *
 * Creation must fail, not only the start: the package's `time` takes a profiler that was created
 * for one that runs, and never drops it again.
 */
export class StartGuard {
  private closed = false;
  private readonly guarded: TimeProfilerClass;
  private readonly nativeStart: () => void;
  private readonly guardedStart: () => void;

  /**
   * @param guardStart Whether `start` of existing profilers throws too. Other code may have taken
   *   the class before the guard and can still create profilers.
   * @param message Message of the error that is thrown.
   */
  constructor(
    private readonly native: TimeProfilerClass,
    private readonly guardStart: boolean,
    message: string,
  ) {
    const throwIfClosed = (): void => {
      if (this.closed) throw new SamplerUnavailableError(message);
    };
    const guarded: TimeProfilerClass = new Proxy(native, {
      construct(target, args, newTarget): object {
        throwIfClosed();
        return Reflect.construct(
          target,
          args,
          newTarget === guarded ? target : newTarget,
        ) as object;
      },
    });
    this.guarded = guarded;
    const { start } = native.prototype as { start: () => void };
    this.nativeStart = start;
    this.guardedStart = function (this: unknown): void {
      throwIfClosed();
      start.call(this);
    };
  }

  /** Closes the guard. Replaces the class in `modules`, which export it. */
  close(modules: readonly { TimeProfiler?: TimeProfilerClass }[]): void {
    this.closed = true;
    replace(modules, this.native, this.guarded);
    const prototype = this.native.prototype as { start: () => void };
    if (this.guardStart) prototype.start = this.guardedStart;
  }

  /**
   * Opens the guard. Restores the class in `modules`. Code that has kept the guarded class can
   * create profilers again.
   */
  open(modules: readonly { TimeProfiler?: TimeProfilerClass }[]): void {
    this.closed = false;
    replace(modules, this.guarded, this.native);
    const prototype = this.native.prototype as { start: () => void };
    if (prototype.start === this.guardedStart) prototype.start = this.nativeStart;
  }
}

function replace(
  modules: readonly { TimeProfiler?: TimeProfilerClass }[],
  from: TimeProfilerClass,
  to: TimeProfilerClass,
): void {
  for (const module of modules) if (module.TimeProfiler === from) module.TimeProfiler = to;
}
