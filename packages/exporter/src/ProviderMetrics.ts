import { isMainThread } from 'node:worker_threads';
import type { MeterProvider } from '@opentelemetry/api';
import {
  type Consumer,
  type ProfileCollector,
  type ProfileWindow,
  samplerSupport,
} from '@rulescope/profiler';
import {
  inTurns,
  isFlagRaised,
  perThread,
  raiseFlag,
  slotKey,
  warnOnce,
} from '@rulescope/profiler/internal';
import { MissingInstrumentation } from './MissingInstrumentation';
import type { RuleAccounts } from './RuleAccounts';
import { createAccounts } from './createAccounts';
import { droppedSince } from './droppedSince';
import { hasReader } from './hasReader';
import { hookProvider } from './hookProvider';
import type { SeriesOptions } from './options';
import { type Instruments, registerInstruments } from './registerInstruments';
import { NAME, VERSION } from './version';

/** A collection ends the open window if the window is at least this old, milliseconds. */
const MIN_WINDOW_MILLIS = 1_000;
/**
 * Longest wait of a collection for workers, milliseconds. An SDK drops all values of a collection
 * that takes longer than its timeout.
 */
const COLLECTION_MILLIS = 200;

/**
 * Raise the version when the methods that another copy calls on {@link ProviderMetrics} change.
 */
const METRICS = slotKey<WeakMap<MeterProvider, ProviderMetrics>>('providerMetrics', 1);

/**
 * Returns the metrics of this thread on `provider`; the first call creates them. All users share
 * them: two sets of figures in one meter would be one wrong set.
 */
export function metricsOn(
  provider: MeterProvider,
  options: SeriesOptions,
  collector: ProfileCollector,
): ProviderMetrics {
  const all = perThread(METRICS, () => new WeakMap<MeterProvider, ProviderMetrics>());
  const found = all.get(provider) ?? new ProviderMetrics(provider, options, collector);
  all.set(provider, found);
  return found;
}

/**
 * The rule metrics on one MeterProvider. Sampling runs while they have a user and the provider has
 * a reader. The counters start at zero with the provider, and stay when sampling ends.
 */
export class ProviderMetrics {
  private readonly accounts: RuleAccounts;
  private readonly missing = new MissingInstrumentation();
  private readonly users = new Set<object>();
  private readonly droppedWindows: () => ReadonlyMap<string, number>;
  private instruments: Instruments | undefined;
  private consumer: Consumer | undefined;
  private unhook: (() => void) | undefined;
  /** Fulfills when the accounts have all windows that a collection must wait for. */
  private pending: Promise<void> | undefined;

  constructor(
    private readonly provider: MeterProvider,
    private readonly options: SeriesOptions,
    private readonly collector: ProfileCollector,
  ) {
    this.accounts = createAccounts(options, collector.options.windowMillis / 1000);
    this.droppedWindows = droppedSince(collector);
  }

  /** Starts sampling for `user`. Returns false if the provider keeps no metrics or has no reader. */
  add(user: object): boolean {
    if (!hasReader(this.provider)) return false;
    this.instruments ??= this.register();
    if (this.instruments === undefined) return false;
    this.users.add(user);
    noteThatThreadMeasures();
    if (this.users.size > 1) warnOfSecondUser();
    this.unhook ??= hookProvider(this.provider, {
      beforeFlush: () => this.flush(),
      beforeShutdown: () => this.stop(),
      afterShutdown: () => this.end(),
    });
    this.consumer ??= this.collector.addConsumer(NAME, (window) => this.consume(window));
    this.accounts.samplerStates.update(samplerSupport());
    return true;
  }

  /**
   * Ends the sampling for `user`. After the last one, collections go on: they export the last
   * windows, and then counters that stand still and a usage of 0.
   */
  remove(user: object): void {
    if (!this.users.delete(user) || this.users.size > 0) return;
    const rest = (): void => {
      if (this.consumer === undefined) this.accounts.samplingStopped();
    };
    void this.wait(this.stop().then(rest));
    this.unhook?.();
    this.unhook = undefined;
  }

  private register(): Instruments | undefined {
    return registerInstruments(
      this.provider.getMeter(NAME, VERSION),
      {
        accounts: this.accounts,
        groups: this.options.groups,
        droppedWindows: this.droppedWindows,
      },
      () => this.prepare(),
    );
  }

  private prepare(): Promise<void> | undefined {
    const { consumer, collector } = this;
    const age = collector.windowAgeMillis ?? 0;
    if (consumer !== undefined && age >= MIN_WINDOW_MILLIS) {
      void this.wait(consumer.forceFlush(COLLECTION_MILLIS));
    }
    return this.pending;
  }

  private flush(): Promise<void> {
    return this.consumer === undefined ? Promise.resolve() : this.wait(this.consumer.forceFlush());
  }

  private stop(): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    if (consumer === undefined) return this.pending ?? Promise.resolve();
    return this.wait(consumer.remove().then(() => this.accounts.ledger.releaseHeld()));
  }

  /** Ends for good: the provider has shut down, or has no reader left. */
  private end(): void {
    void this.stop();
    this.users.clear();
    this.unhook?.();
    this.unhook = undefined;
    this.instruments?.unregister();
    this.instruments = undefined;
  }

  /** Lets collections wait for `work`. */
  private wait(work: Promise<void>): Promise<void> {
    const pending = work.then(() => {
      if (this.pending === pending) this.pending = undefined;
    });
    this.pending = pending;
    return pending;
  }

  private consume(window: ProfileWindow): Promise<void> | undefined {
    const functions = this.accounts.add(window);
    warnOfWorkerMetrics();
    this.missing.update(window, this.accounts.ledger.cpuSeconds('rule') > 0);
    this.accounts.samplerStates.update(samplerSupport());
    this.instruments?.recordCloseDuration(window.pauseSeconds);
    if (!hasReader(this.provider)) this.end();
    return functions && inTurns(functions);
  }
}

function warnOfSecondUser(): void {
  warnOnce(
    'rulescope: RuleMetrics is registered twice on one MeterProvider. Both share one set of figures, ' +
      'with the options of the first. Remove one of them.',
    'RULESCOPE_SECOND_REGISTRATION',
  );
}

/** Tells the workers that the main thread measures, which includes them. */
export function noteThatThreadMeasures(): void {
  if (isMainThread) raiseFlag('measures');
}

/** Warns if this thread is a worker and the main thread measures too. */
export function warnOfWorkerMetrics(): void {
  if (isMainThread || !isFlagRaised('measures')) return;
  warnOnce(
    'rulescope: RuleMetrics runs in the main thread and in a worker thread, so the CPU of the worker is ' +
      'exported twice. Create RuleMetrics in the main thread only, which measures the workers too. A file ' +
      'that --import or --require loads runs in each worker: ask isMainThread of node:worker_threads there.',
    'RULESCOPE_WORKER_METRICS',
  );
}
