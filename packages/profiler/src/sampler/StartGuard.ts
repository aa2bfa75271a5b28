import { SamplerUnavailableError } from '../base/errors';

/** The native class, as far as it concerns whoever keeps it from starting. */
export type TimeProfilerClass = new (...args: never[]) => { start(): void };

/**
 * Stands in for the native class of one copy of `@datadog/pprof` and, while closed, lets nobody make a profiler. It is the making that
 * has to fail, not the start: the package's `time` takes a profiler that was made for one that runs, and would
 * never again be without.
 */
export class StartGuard {
  private closed = false;
  private readonly guarded: TimeProfilerClass;
  private readonly nativeStart: () => void;
  private readonly guardedStart: () => void;

  /**
   * @param guardStart Whether profilers that are made past the guard, by who took the class before, shall not start either.
   * @param message Of the error that is thrown.
   */
  constructor(
    private readonly native: TimeProfilerClass,
    private readonly guardStart: boolean,
    message: string,
  ) {
    const refuse = (): void => {
      if (this.closed) throw new SamplerUnavailableError(message);
    };
    const guarded: TimeProfilerClass = new Proxy(native, {
      construct(target, args, newTarget): object {
        refuse();
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
      refuse();
      start.call(this);
    };
  }

  /** Puts the guard into `holders`, who have the class. */
  close(holders: readonly { TimeProfiler?: TimeProfilerClass }[]): void {
    this.closed = true;
    replace(holders, this.native, this.guarded);
    const prototype = this.native.prototype as { start: () => void };
    if (this.guardStart) prototype.start = this.guardedStart;
  }

  /** Takes it out again. Who has kept it finds it open. */
  open(holders: readonly { TimeProfiler?: TimeProfilerClass }[]): void {
    this.closed = false;
    replace(holders, this.guarded, this.native);
    const prototype = this.native.prototype as { start: () => void };
    if (prototype.start === this.guardedStart) prototype.start = this.nativeStart;
  }
}

function replace(
  holders: readonly { TimeProfiler?: TimeProfilerClass }[],
  from: TimeProfilerClass,
  to: TimeProfilerClass,
): void {
  for (const holder of holders) if (holder.TimeProfiler === from) holder.TimeProfiler = to;
}
