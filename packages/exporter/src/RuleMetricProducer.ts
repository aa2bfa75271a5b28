/// <reference lib="esnext.disposable" preserve="true" />
import { threadId } from 'node:worker_threads';
import { diag } from '@opentelemetry/api';
import {
  type Consumer,
  type ProfileCollector,
  type ProfileWindow,
  samplerSupport,
  sharedCollector,
} from '@rulescope/profiler';
import {
  type Moment,
  atMost,
  checkCollectorOptions,
  inTurns,
  isSdkDisabled,
  warnOnce,
} from '@rulescope/profiler/internal';
import { CloseDurations } from './CloseDurations';
import { MissingInstrumentation } from './MissingInstrumentation';
import { MissingReader, warnOfNoProducerReader } from './MissingReader';
import { COLLECTION_MILLIS, PendingWork } from './PendingWork';
import { ProducedMetrics } from './ProducedMetrics';
import type { RuleAccounts } from './RuleAccounts';
import { createAccounts } from './createAccounts';
import { droppedSince } from './droppedSince';
import { isMeasuredElsewhere, noteThatThreadMeasures } from './measuringThread';
import {
  OF_PRODUCER,
  type RuleMetricsConfig,
  type SeriesOptions,
  collectorOptionsOf,
  resolveSeriesOptions,
} from './options';
import type { CollectionResult, MetricCollectOptions, MetricProducer } from './sdkTypes';
import { readClocks } from './readClocks';
import { NAME, VERSION } from './version';

type Resource = CollectionResult['resourceMetrics']['resource'];

/** A reader takes the resource of its MeterProvider. */
const NO_RESOURCE = { attributes: {} } as Resource;

/**
 * A collection ends the open window if the window is at least this old, milliseconds. A reader does
 * not say that it flushes, so each collection must count as the last one.
 */
const MIN_WINDOW_MILLIS = 100;

/** Rule metrics from the windows of a given collector: {@link RuleMetricProducer} for any collector. */
export class CollectorProducer implements MetricProducer {
  private readonly accounts: RuleAccounts | undefined;
  private readonly durations = new CloseDurations();
  private readonly missing = new MissingInstrumentation();
  private readonly missingReader: MissingReader;
  private readonly produced: ProducedMetrics | undefined;
  private consumer: Consumer | undefined;
  private readonly pending = new PendingWork();
  /** Fulfills when sampling has ended for good. */
  private ended: Promise<void> | undefined;

  /** @param collector Without one there are no metrics. */
  constructor(
    { enabled = true }: RuleMetricsConfig,
    options: SeriesOptions,
    private readonly collector: ProfileCollector | undefined,
    private readonly now: () => Moment = readClocks,
    warnOfNoReader = warnOfNoProducerReader,
  ) {
    this.missingReader = new MissingReader(warnOfNoReader);
    if (collector === undefined) return;
    const accounts = createAccounts(options, collector.options.windowMillis / 1000);
    this.accounts = accounts;
    const droppedWindows = droppedSince(collector);
    const observed = { accounts, groups: options.groups, droppedWindows };
    this.produced = new ProducedMetrics(observed, this.durations, now());
    if (enabled) this.enable();
  }

  /**
   * Starts sampling. Further calls do nothing, and neither does a call after {@link shutdown}, in a
   * worker that the main thread measures, or if the environment variable `OTEL_SDK_DISABLED` is
   * `true`.
   */
  enable(): void {
    const { accounts, collector } = this;
    if (accounts === undefined || collector === undefined) return;
    if (this.consumer !== undefined || this.ended !== undefined) return;
    if (isMeasuredElsewhere() || isSdkDisabled()) return;
    this.consumer = collector.addConsumer(NAME, (window) => this.consume(accounts, window));
    accounts.samplerStates.update(samplerSupport());
  }

  /**
   * Returns all metrics, with the window under way if it is a tenth of a second old, and with windows
   * that have ended and are on their way. Metric readers call this. Never rejects.
   */
  async collect({
    timeoutMillis = Infinity,
  }: MetricCollectOptions = {}): Promise<CollectionResult> {
    const { consumer, collector } = this;
    this.missingReader.collected();
    if (consumer !== undefined) {
      // Not before there is a reader: the metrics of workers stop for it.
      noteThatThreadMeasures();
      if (collector!.consumers().filter(({ name }) => name === NAME).length > 1) warnOfSecond();
    }
    if (consumer !== undefined && (collector?.windowAgeMillis ?? 0) >= MIN_WINDOW_MILLIS) {
      void this.pending.add(consumer.forceFlush(COLLECTION_MILLIS));
    }
    // Also for a window that another reader, forceFlush() or shutdown() has just ended.
    const { done } = this.pending;
    if (done) await atMost(Math.min(COLLECTION_MILLIS, timeoutMillis), done);
    const scope = { name: NAME, version: VERSION };
    const metrics = this.produced?.collect(this.now()) ?? [];
    return {
      resourceMetrics: { resource: NO_RESOURCE, scopeMetrics: [{ scope, metrics }] },
      errors: [],
    };
  }

  /** Ends the window under way, of worker threads too. The next collection has it. Never rejects. */
  forceFlush(): Promise<void> {
    if (this.consumer === undefined) return this.ended ?? Promise.resolve();
    return this.pending.add(this.consumer.forceFlush());
  }

  /**
   * Ends sampling for good. Collections go on: they have the last windows, and then counters that
   * stand still and a usage of 0. Never rejects.
   */
  shutdown(): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    return (this.ended ??= this.pending.add(
      (consumer?.remove() ?? Promise.resolve()).then(() => this.accounts?.samplingStopped()),
    ));
  }

  /** Does what {@link shutdown} does, at the end of a `using` block. */
  [Symbol.dispose](): void {
    void this.shutdown();
  }

  private consume(accounts: RuleAccounts, window: ProfileWindow): Promise<void> | undefined {
    if (isMeasuredElsewhere()) {
      void this.shutdown();
      return undefined;
    }
    const functions = accounts.add(window);
    if (window.origin.threadId === threadId) this.missingReader.measured(window.durationMillis);
    this.missing.update(window, accounts.ledger.cpuSeconds('rule') > 0);
    accounts.samplerStates.update(samplerSupport());
    this.durations.record(window.pauseSeconds);
    return functions && inTurns(functions);
  }
}

function warnOfSecond(): void {
  warnOnce(
    'rulescope: a RuleMetricProducer runs beside RuleMetrics or another RuleMetricProducer, so the same CPU is ' +
      'exported twice. Remove one of them. Several metric readers can share one producer.',
    'RULESCOPE_SECOND_REGISTRATION',
  );
}

/**
 * CPU per rule as a `MetricProducer`, for the `metricProducers` of a metric reader. Has the metrics
 * of `RuleMetrics`, for applications in which many rules come and go: a series that has ended
 * vanishes, and an SDK's limit of 2,000 series does not apply. Views do not apply either. All sums
 * are cumulative, whatever the reader prefers.
 *
 * Samples from its construction to its {@link shutdown}. Use it instead of `RuleMetrics`, not beside
 * it. Has no metrics if the environment variable `OTEL_SDK_DISABLED` is `true`. Readers may share one
 * producer if each collects once in two minutes.
 */
export class RuleMetricProducer extends CollectorProducer {
  /**
   * @param config Documented at `RuleMetricsConfig`.
   * @throws InvalidOptionError that names the option, its value and what is allowed.
   */
  constructor(config: RuleMetricsConfig = {}) {
    const options = resolveSeriesOptions(config, OF_PRODUCER);
    const collectorOptions = { logger: diag, ...collectorOptionsOf(config) };
    const disabled = isSdkDisabled();
    if (disabled) checkCollectorOptions(collectorOptions);
    super(config, options, disabled ? undefined : sharedCollector(collectorOptions));
  }
}
