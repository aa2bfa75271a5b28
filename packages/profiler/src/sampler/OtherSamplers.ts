import { join } from 'node:path';
import { SamplerUnavailableError } from '../base/errors';
import { loadedModules } from '../native/requirePprof';
import { StartGuard, type TimeProfilerClass } from './StartGuard';

/** Exports of the native module of a copy of `@datadog/pprof` that are used here. */
interface Addon {
  TimeProfiler: TimeProfilerClass;
}

/** Copy of `@datadog/pprof` that is loaded: the file and the exports of its native module. */
interface Copy {
  readonly file: string;
  readonly addon: Addon;
}

/** Loaded modules by file, as in `require.cache`. */
export type LoadedModules = Readonly<Record<string, { exports: unknown } | undefined>>;

/** Loader of native modules, as in `process`. */
export interface Loader {
  dlopen(module: object, filename: string, flags?: number): void;
}

/**
 * Keeps a thread to one sampler at a time. The process has one SIGPROF, and each copy of
 * `@datadog/pprof` installs a signal handler of its own. The copy that stops first removes the
 * handler of the other copy. The other copy then gets no samples, and its next start can crash
 * the process. Within one copy, a second start fails in the native part and leaves the package's
 * `time` in a state in which it throws when the process ends.
 *
 * So no other sampler may be running when ours starts, and no other profiler can be created while
 * ours runs. When ours stops, all obstacles are removed. This class knows only modules that were
 * loaded by `require` in this thread. It knows nothing about other threads.
 */
export class OtherSamplers {
  private readonly guards = new Map<StartGuard, Copy>();
  private restoreLoader: (() => void) | undefined;

  /**
   * @param own Native class of our own copy of the package. Profilers that were created from it
   *   before {@link block} continue to work.
   */
  constructor(
    private readonly own: TimeProfilerClass,
    private readonly modules: LoadedModules = loadedModules(),
    private readonly loader: Loader = process,
  ) {}

  /**
   * Blocks other samplers in this thread until {@link allow}.
   *
   * @throws {SamplerUnavailableError} if another sampler is running. The message says where it is
   * and what to do.
   */
  block(): void {
    const copies = Object.entries(this.modules).flatMap(([file, module]) =>
      file.endsWith('.node') && isAddon(module?.exports) ? [{ file, addon: module.exports }] : [],
    );
    for (const copy of copies) this.assertNotSampling(copy);
    for (const copy of copies) this.blockCopy(copy);
    this.watchLoader();
  }

  /** Undoes {@link block}. Does nothing if there is nothing to undo. */
  allow(): void {
    this.restoreLoader?.();
    this.restoreLoader = undefined;
    for (const [guard, copy] of this.guards) guard.open(this.modulesOf(copy));
    this.guards.clear();
  }

  private assertNotSampling({ file, addon }: Copy): void {
    const time = this.modules[join(packageOf(file), 'out/src/time-profiler.js')]?.exports;
    if (!(time as { isStarted?: () => boolean } | undefined)?.isStarted?.()) return;
    throw new SamplerUnavailableError(
      addon.TimeProfiler === this.own
        ? `time of @datadog/pprof is already sampling this thread (${packageOf(file)}): stop it, ` +
            'or call routeDatadogPprof() before it starts'
        : `another copy of @datadog/pprof is sampling this thread (${packageOf(file)}), and two ` +
            `samplers crash the process: stop that one, or ${SHARE_ONE_COPY}`,
    );
  }

  private blockCopy(copy: Copy): void {
    const { file, addon } = copy;
    const isOwn = addon.TimeProfiler === this.own;
    const message = isOwn
      ? `rulescope is sampling this thread with this copy of @datadog/pprof (${packageOf(file)}): ` +
        'call routeDatadogPprof() first, so that both share one sampler'
      : 'rulescope is sampling this thread, and a second copy of @datadog/pprof ' +
        `(${packageOf(file)}) would crash the process: do not start it, or ${SHARE_ONE_COPY}`;
    const guard = new StartGuard(addon.TimeProfiler, !isOwn, message);
    guard.close(this.modulesOf(copy));
    this.guards.set(guard, copy);
  }

  private watchLoader(): void {
    const { loader } = this;
    const original = loader.dlopen;
    let watching = true;
    const watched: Loader['dlopen'] = (module, ...rest) => {
      original.call(loader, module, ...rest);
      const { exports } = module as { exports?: unknown };
      if (watching && isAddon(exports)) this.blockCopy({ file: rest[0], addon: exports });
    };
    loader.dlopen = watched;
    this.restoreLoader = () => {
      watching = false;
      // Other code may have wrapped `dlopen` since. Its wrapper stays, and ours only passes calls
      // on.
      if (loader.dlopen === watched) loader.dlopen = original;
    };
  }

  /**
   * Returns the modules that export the native class: the native module, and the module through
   * which the package uses it.
   */
  private modulesOf({ file, addon }: Copy): Partial<Addon>[] {
    const bindings = this.modules[join(packageOf(file), 'out/src/time-profiler-bindings.js')];
    return bindings === undefined ? [addon] : [addon, bindings.exports as Partial<Addon>];
  }
}

const SHARE_ONE_COPY =
  'install one copy (npm "overrides", npm dedupe) and call routeDatadogPprof(), so that both share one sampler';

function isAddon(exports: unknown): exports is Addon {
  const { TimeProfiler, heapProfiler } = (exports ?? {}) as Record<string, unknown>;
  return typeof TimeProfiler === 'function' && typeof heapProfiler === 'object';
}

/** Returns the folder of the package that the native module `file` belongs to. */
function packageOf(file: string): string {
  return file.replace(/[\\/](prebuilds|build)[\\/].*$/, '');
}
