import { threadId } from 'node:worker_threads';
import type { Meter, MeterProvider } from '@opentelemetry/api';
import {
  type Consumer,
  type ProfileCollector,
  type ProfileWindow,
  samplerSupport,
} from '@rulescope/profiler';
import { inTurns, warnOnce } from '@rulescope/profiler/internal';
import { MissingInstrumentation } from './MissingInstrumentation';
import { MissingReader } from './MissingReader';
import { COLLECTION_MILLIS, PendingWork } from './PendingWork';
import type { RuleAccounts } from './RuleAccounts';
import { createAccounts } from './createAccounts';
import { droppedSince } from './droppedSince';
import { hasReader } from './hasReader';
import { hookProvider } from './hookProvider';
import { isMeasuredElsewhere, noteThatThreadMeasures } from './measuringThread';
import type { SeriesOptions } from './options';
import { type Instruments, registerInstruments } from './registerInstruments';
import { NAME, VERSION } from './version';
import { warnOfLossyViews } from './warnOfLossyViews';

/** A collection ends the open window if the window is at least this old, milliseconds. */
const MIN_WINDOW_MILLIS = 1_000;

/**
 * The rule metrics on one MeterProvider. Sampling runs while they have a user and the provider has
 * a reader. The counters start at zero with the provider, and stay when sampling ends.
 */
export class ProviderMetrics {
  private readonly accounts: RuleAccounts;
  private readonly missing = new MissingInstrumentation();
  private readonly missingReader = new MissingReader();
  /** What to call for each user when the provider has shut down, or has no reader left. */
  private readonly users = new Map<object, () => void>();
  private readonly droppedWindows: () => ReadonlyMap<string, number>;
  /** The meter of `instruments`. */
  private meter: Meter | undefined;
  private instruments: Instruments | undefined;
  private consumer: Consumer | undefined;
  private unhook: (() => void) | undefined;
  private readonly pending = new PendingWork();

  constructor(
    private readonly provider: MeterProvider,
    private readonly options: SeriesOptions,
    private readonly collector: ProfileCollector,
  ) {
    this.accounts = createAccounts(options, collector.options.windowMillis / 1000);
    this.droppedWindows = droppedSince(collector);
  }

  /** Whether the provider is known to have no reader, or none that has not been shut down. */
  get lacksReader(): boolean {
    return !hasReader(this.provider);
  }

  /**
   * Starts sampling for `user`. In a worker that the main thread measures, does nothing instead.
   *
   * @param ended Called when the provider has shut down, or has no reader left. Sampling has ended.
   * @returns False if the provider keeps no metrics, has no reader or is shutting down.
   */
  add(user: object, ended: () => void): boolean {
    if (isMeasuredElsewhere()) return true;
    if (this.lacksReader || !this.register()) return false;
    this.users.set(user, ended);
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
    void this.pending.add(this.stop().then(rest));
    this.unhook?.();
    this.unhook = undefined;
  }

  /**
   * Creates the instruments. Returns false if the provider keeps no metrics: an SDK that shuts down
   * has no-op meters, while its readers still collect from those that it gave before.
   */
  private register(): boolean {
    const meter = this.provider.getMeter(NAME, VERSION);
    if (meter === this.meter) return true;
    const { accounts, droppedWindows } = this;
    const instruments = registerInstruments(
      meter,
      { accounts, groups: this.options.groups, droppedWindows },
      () => this.prepare(),
    );
    if (instruments === undefined) return false;
    warnOfLossyViews(this.provider, this.options);
    this.instruments?.unregister();
    this.instruments = instruments;
    this.meter = meter;
    return true;
  }

  private prepare(): Promise<void> | undefined {
    this.missingReader.collected();
    const { consumer, collector } = this;
    const age = collector.windowAgeMillis ?? 0;
    if (consumer !== undefined && age >= MIN_WINDOW_MILLIS) {
      void this.pending.add(consumer.forceFlush(COLLECTION_MILLIS));
    }
    return this.pending.done;
  }

  private flush(): Promise<void> {
    return this.consumer === undefined
      ? Promise.resolve()
      : this.pending.add(this.consumer.forceFlush());
  }

  private stop(): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    if (consumer === undefined) return this.pending.done ?? Promise.resolve();
    return this.pending.add(consumer.remove().then(() => this.accounts.ledger.releaseHeld()));
  }

  /** Ends for good: the provider has shut down, or has no reader left. */
  private end(): void {
    void this.stop();
    this.unhook?.();
    this.unhook = undefined;
    this.instruments?.unregister();
    this.instruments = undefined;
    this.meter = undefined;
    const users = [...this.users.values()];
    this.users.clear();
    for (const ended of users) ended();
  }

  private consume(window: ProfileWindow): Promise<void> | undefined {
    if (isMeasuredElsewhere()) {
      for (const user of this.users.keys()) this.remove(user);
      return undefined;
    }
    const functions = this.accounts.add(window);
    if (window.origin.threadId === threadId) this.missingReader.measured(window.durationMillis);
    this.missing.update(window, this.accounts.ledger.cpuSeconds('rule') > 0);
    this.accounts.samplerStates.update(samplerSupport());
    this.instruments?.recordCloseDuration(window.pauseSeconds);
    if (this.lacksReader) this.end();
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
