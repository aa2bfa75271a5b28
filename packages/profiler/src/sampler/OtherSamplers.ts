import { join } from 'node:path';
import { SamplerUnavailableError } from '../base/errors';
import { StartGuard, type TimeProfilerClass } from './StartGuard';

/** What the native part of a copy of `@datadog/pprof` exports, as far as it concerns us. */
interface Addon {
  TimeProfiler: TimeProfilerClass;
}

/** A native module that is loaded. */
interface Copy {
  readonly file: string;
  readonly addon: Addon;
}

/** Loaded modules by file, as `require.cache` has them. */
export type LoadedModules = Readonly<Record<string, { exports: unknown } | undefined>>;

/** Where native modules are loaded. */
export interface Loader {
  dlopen(module: object, filename: string, flags?: number): void;
}

/**
 * Keeps a thread to one sampler at a time. Each copy of `@datadog/pprof` puts a handler of its own on the one SIGPROF of the process; the
 * copy that stops first takes down the other's, which then gets no samples, and its next start has crashed the process.
 * Within one copy, a second start fails in the native part and leaves the package's `time` in a state in which it throws when the
 * process ends.
 *
 * Hence, before we sample: no other may be sampling. While we do: no other can be made. What was put in the way is
 * gone when we stop. Only what was loaded by this thread's `require` is known; of other threads nothing is.
 */
export class OtherSamplers {
  private readonly guards = new Map<StartGuard, Copy>();
  private restoreLoader: (() => void) | undefined;

  /** @param own Of our own copy of the package; what was made of it before goes on working. */
  constructor(
    private readonly own: TimeProfilerClass,
    private readonly modules: LoadedModules = require.cache,
    private readonly loader: Loader = process,
  ) {}

  /**
   * From now on until {@link letIn} others cannot start in this thread.
   * @throws SamplerUnavailableError if one is sampling now; it says where and what to do.
   */
  shutOut(): void {
    const copies = Object.entries(this.modules).flatMap(([file, module]) =>
      file.endsWith('.node') && isAddon(module?.exports) ? [{ file, addon: module.exports }] : [],
    );
    for (const copy of copies) this.assertNotSampling(copy);
    for (const copy of copies) this.close(copy);
    this.watchLoader();
  }

  /** Undoes {@link shutOut}. Does nothing if there is nothing to undo. */
  letIn(): void {
    this.restoreLoader?.();
    this.restoreLoader = undefined;
    for (const [guard, copy] of this.guards) guard.open(this.holdersOf(copy));
    this.guards.clear();
  }

  private assertNotSampling({ file, addon }: Copy): void {
    const time = this.modules[join(packageOf(file), 'out/src/time-profiler.js')]?.exports;
    if (!(time as { isStarted?: () => boolean } | undefined)?.isStarted?.()) return;
    throw new SamplerUnavailableError(
      addon.TimeProfiler === this.own
        ? `time of @datadog/pprof is sampling this thread already (${packageOf(file)}): stop it, ` +
            'or call routeDatadogPprof() before it is started'
        : `another copy of @datadog/pprof is sampling this thread (${packageOf(file)}), and two at a time ` +
            `crash the process: stop that one, or ${SHARE}`,
    );
  }

  private close(copy: Copy): void {
    const { file, addon } = copy;
    const isOwn = addon.TimeProfiler === this.own;
    const message = isOwn
      ? `rulescope is sampling this thread with this copy of @datadog/pprof (${packageOf(file)}): ` +
        'call routeDatadogPprof() first, and both can'
      : 'rulescope is sampling this thread, and a second copy of @datadog/pprof ' +
        `(${packageOf(file)}) would crash the process: do not start it, or ${SHARE}`;
    const guard = new StartGuard(addon.TimeProfiler, !isOwn, message);
    guard.close(this.holdersOf(copy));
    this.guards.set(guard, copy);
  }

  private watchLoader(): void {
    const { loader } = this;
    const original = loader.dlopen;
    let watching = true;
    const watched: Loader['dlopen'] = (module, ...rest) => {
      original.call(loader, module, ...rest);
      const { exports } = module as { exports?: unknown };
      if (watching && isAddon(exports)) this.close({ file: rest[0], addon: exports });
    };
    loader.dlopen = watched;
    this.restoreLoader = () => {
      watching = false;
      // Whoever has wrapped it since keeps a wrapper that passes everything on.
      if (loader.dlopen === watched) loader.dlopen = original;
    };
  }

  /** Who has the native class: the native module, and the one through which the package uses it. */
  private holdersOf({ file, addon }: Copy): Partial<Addon>[] {
    const bindings = this.modules[join(packageOf(file), 'out/src/time-profiler-bindings.js')];
    return bindings === undefined ? [addon] : [addon, bindings.exports as Partial<Addon>];
  }
}

const SHARE =
  'make it one copy (npm "overrides", npm dedupe) and call routeDatadogPprof(), and both share one sampler';

function isAddon(exports: unknown): exports is Addon {
  const { TimeProfiler, heapProfiler } = (exports ?? {}) as Record<string, unknown>;
  return typeof TimeProfiler === 'function' && typeof heapProfiler === 'object';
}

/** Folder of the package that the native module `file` belongs to. */
function packageOf(file: string): string {
  return file.replace(/[\\/](prebuilds|build)[\\/].*$/, '');
}
