import {
  InstrumentationBase,
  type InstrumentationModuleDefinition,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import {
  OffByConfig,
  boolean,
  functionOption,
  isSdkDisabled,
  knownKeys,
  toError,
  warnOnce,
} from '@rulescope/profiler/internal';
import { detach } from '../detach';
import { VERSION } from '../version';
import { type ArgumentsOf, type MethodName, wrapMethod } from '../wrapMethod';
import { type RuleOf, wrapRule } from '../wrapRule';

/** Options that all adapters have. */
export interface AdapterConfig {
  /**
   * Whether the adapter names rules. Default true. With `false` it stays off when it is registered;
   * a call of `enable()` or `setConfig()` turns it on.
   */
  readonly enabled?: boolean;
}

/** A file of a library that an adapter changes. */
export interface LibraryFile<Exports> {
  /** Name of the package. */
  readonly library: string;
  /** Supported versions of the package, as semver ranges. */
  readonly versions: string[];
  /** Path of the file in the package. Default: the main file. */
  readonly path?: string;
  /** Changes what the file exports. Called once for each copy of the file. */
  readonly patch: (exports: Exports) => void;
}

/**
 * Names the rules of a library that is not changed for it. It changes the library when the
 * application loads it, so register it first. While it is off, the library does what it always
 * does: the changed functions only pass their calls on.
 */
export abstract class RuleAdapter<
  Config extends AdapterConfig = AdapterConfig,
> extends InstrumentationBase<Config> {
  // The base class calls enable() and setConfig() in its constructor: an initializer would run after
  // that, and overwrite what they have set.
  declare private active: boolean | undefined;
  declare private offByConfig: OffByConfig | undefined;
  declare private options: readonly string[] | undefined;

  /**
   * @param library Name of the library, the end of the adapter's name.
   * @param options Names of the options beside `enabled`. All of them are functions.
   * @throws InvalidOptionError that names the option, its value and what is allowed.
   */
  constructor(library: string, config: Config, options: readonly (keyof Config & string)[]) {
    checkConfig(config, options);
    super(`@rulescope/instrumentation/${library}`, VERSION, config);
    this.options = options;
    // Also if it is off: it may be turned on after the application has loaded the library.
    if (!isSdkDisabled()) super.enable();
  }

  /** The files of the library to change. Called in the constructor of the base class. */
  protected abstract files(): LibraryFile<never>[];

  protected override init(): InstrumentationModuleDefinition[] {
    return this.files().map(({ library, versions, path, patch }) => {
      const patched = new WeakSet();
      const patchOnce = (exports: object): object => {
        if (!patched.has(exports)) {
          patched.add(exports);
          this.tryToPatch(() => patch(exports as never));
        }
        return exports;
      };
      // Nothing is undone: the changed functions ask whether the adapter is on.
      const keep = (): void => undefined;
      if (path === undefined) {
        return new InstrumentationNodeModuleDefinition(library, versions, patchOnce, keep);
      }
      const file = new InstrumentationNodeModuleFile(
        `${library}/${path}`,
        versions,
        patchOnce,
        keep,
      );
      return new InstrumentationNodeModuleDefinition(library, versions, undefined, undefined, [
        file,
      ]);
    });
  }

  /** Never throws: the application calls this when it loads the library. */
  private tryToPatch(patch: () => void): void {
    try {
      patch();
    } catch (thrown) {
      this.warnOfVersion(toError(thrown).message);
    }
  }

  /** Warns that the library is not as expected. */
  protected warnOfVersion(reason: string): void {
    const message =
      `rulescope: the adapter ${this.instrumentationName} does not know this version of the ` +
      `library (${reason}): CPU may count for the wrong rule`;
    this._diag.warn(message);
    warnOnce(message, 'RULESCOPE_ADAPTER');
  }

  /** Does what {@link wrapRule} does while the adapter is on. */
  protected wrapRule<T extends object, K extends MethodName<T>>(
    target: T,
    method: K,
    ruleOf: RuleOf<T, ArgumentsOf<T[K]>>,
  ): void {
    wrapRule(target, method, (...call) => (this.isOn ? ruleOf(...call) : undefined));
  }

  /** Runs a method outside any rule while the adapter is on. For what outlives the first rule. */
  protected detachMethod<T extends object>(target: T, method: MethodName<T>): void {
    wrapMethod(target, method, () => (call) => (this.isOn ? detach(call) : call()));
  }

  /** Whether the adapter is on. */
  protected get isOn(): boolean {
    return this.active === true;
  }

  private get off(): OffByConfig {
    return (this.offByConfig ??= new OffByConfig());
  }

  override enable(): void {
    if (!this.off.enableCounts()) return;
    this.active = true;
    super.enable();
  }

  override disable(): void {
    this.active = false;
  }

  override isEnabled(): boolean {
    return this.isOn;
  }

  /**
   * Replaces the options. Calls {@link enable} or {@link disable} as `config.enabled` says.
   *
   * @throws InvalidOptionError that names the option, its value and what is allowed.
   */
  override setConfig(config: Config): void {
    if (this.options !== undefined) checkConfig(config, this.options);
    const { enabled = true } = config;
    this.off.configured(enabled);
    super.setConfig(config);
    // The base class calls this in its constructor, and enables the adapter at the end.
    if (this.options === undefined) return;
    if (enabled) this.enable();
    else this.disable();
  }

  override getConfig(): Config {
    this.off.configRead();
    return { ...super.getConfig(), enabled: this.isOn };
  }

  override setTracerProvider(
    ...provider: Parameters<InstrumentationBase['setTracerProvider']>
  ): void {
    this.off.tracerProviderSet();
    super.setTracerProvider(...provider);
  }
}

/** Throws InvalidOptionError if `config` has a wrong value. All `options` are functions. */
function checkConfig(config: AdapterConfig, options: readonly string[]): void {
  knownKeys('AdapterConfig', config, ['enabled', ...options]);
  boolean('enabled', config.enabled ?? true);
  for (const option of options) {
    const value = (config as Readonly<Record<string, unknown>>)[option];
    if (value !== undefined) functionOption(option, value);
  }
}
