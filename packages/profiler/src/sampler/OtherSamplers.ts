import { dirname, join } from 'node:path';
import { SamplerUnavailableError } from '../base/errors';
import { loadedModules } from '../native/requirePprof';
import { warnOnce } from '../slot/warnOnce';
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
 * the process.
 *
 * The sampler that starts first samples, and the second one goes without. If ours is second, its
 * start fails. If ours is first, profilers that other code starts record nothing until ours stops:
 * see {@link StartGuard}. Either way, one warning per process says so on stderr.
 *
 * This class knows only modules that were loaded by `require` in this thread. It knows nothing
 * about other threads.
 */
export class OtherSamplers {
  /** One guard for each copy that was ever seen. */
  private readonly guards = new Map<TimeProfilerClass, StartGuard>();
  private readonly closed = new Map<StartGuard, Copy>();
  private restoreLoader: (() => void) | undefined;

  /**
   * @param own Native class of our own copy of the package. Profilers that were created from it
   *   before {@link block} continue to work.
   */
  constructor(
    private readonly own: TimeProfilerClass,
    private readonly modules: LoadedModules = loadedModules(),
    private readonly loader: Loader = process,
    private readonly warn: (...warning: Parameters<typeof warnOnce>) => void = warnOnce,
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
    for (const [guard, copy] of this.closed) guard.open(this.modulesOf(copy));
    this.closed.clear();
  }

  private assertNotSampling(copy: Copy): void {
    const { TimeProfiler } = copy.addon;
    // Its `time` takes a silent profiler for a running one.
    if (this.guards.get(TimeProfiler)?.hasSilent) return;
    if (!this.bindingsOf(copy).some((file) => this.isTimeStarted(file))) return;
    const folder = this.folderOf(copy);
    const message =
      TimeProfiler === this.own
        ? `time of @datadog/pprof is already sampling this thread (${folder}): stop it, ` +
          'or call routeDatadogPprof() before it starts'
        : `another copy of @datadog/pprof is sampling this thread (${folder}), and two ` +
          `samplers crash the process: stop that one, or ${SHARE_ONE_COPY}`;
    this.warn(`rulescope does not sample this thread: ${message}`, 'RULESCOPE_OTHER_PROFILER');
    throw new SamplerUnavailableError(message);
  }

  private blockCopy(copy: Copy): void {
    const { TimeProfiler } = copy.addon;
    let guard = this.guards.get(TimeProfiler);
    if (guard === undefined) {
      const isOwn = TimeProfiler === this.own;
      const remedy = isOwn
        ? 'To let both share one sampler, call routeDatadogPprof() before it starts.'
        : `To let both sample, ${SHARE_ONE_COPY}.`;
      guard = new StartGuard(TimeProfiler, !isOwn, () => {
        this.warn(
          `rulescope: another profiler was started with @datadog/pprof (${this.folderOf(copy)}). It ` +
            `records nothing while rulescope samples this thread. ${remedy}`,
          'RULESCOPE_OTHER_PROFILER',
        );
      });
      this.guards.set(TimeProfiler, guard);
    }
    guard.close(this.modulesOf(copy));
    this.closed.set(guard, copy);
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
  private modulesOf(copy: Copy): Partial<Addon>[] {
    const bindings = this.bindingsOf(copy).map((file) => this.modules[file]?.exports as Addon);
    return [copy.addon, ...bindings];
  }

  /**
   * Returns the modules through which the package uses `copy`. Identity decides, because the path
   * of a project can contain any name.
   */
  private bindingsOf({ addon }: Copy): string[] {
    return Object.keys(this.modules).filter((file) => {
      if (!file.endsWith(BINDINGS)) return false;
      const exports = this.modules[file]?.exports as Partial<Addon> | undefined;
      return exports?.TimeProfiler === addon.TimeProfiler;
    });
  }

  private isTimeStarted(bindings: string): boolean {
    const time = this.modules[bindings.slice(0, -BINDINGS.length) + TIME]?.exports;
    return (time as { isStarted?: () => boolean } | undefined)?.isStarted?.() === true;
  }

  /** Returns the folder of the package, for messages. */
  private folderOf(copy: Copy): string {
    const [bindings] = this.bindingsOf(copy);
    return bindings === undefined ? dirname(copy.file) : join(dirname(bindings), '..', '..');
  }
}

const BINDINGS = 'time-profiler-bindings.js';
const TIME = 'time-profiler.js';

const SHARE_ONE_COPY =
  'install one copy (npm "overrides", npm dedupe) and call routeDatadogPprof(), so that both share one sampler';

function isAddon(exports: unknown): exports is Addon {
  const { TimeProfiler, heapProfiler } = (exports ?? {}) as Record<string, unknown>;
  return typeof TimeProfiler === 'function' && typeof heapProfiler === 'object';
}
