import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ROOT_CONTEXT, context, createContextKey, diag } from '@opentelemetry/api';
import {
  type Consumer,
  type Delivery,
  type ProfileCollector,
  type ProfileWindow,
} from '@rulescope/profiler';
import { toPprofInTurns } from '@rulescope/profiler/pprof';
import {
  inTurns,
  integerInRange,
  safeLogger,
  timers,
  warnOnce,
} from '@rulescope/profiler/internal';
import { isExportedElsewhere, noteThatThreadExports } from '../measuringThread';
import { VERSION } from '../version';
import { SendQueue } from './SendQueue';
import { type Clock, type Result, Sender } from './Sender';
import { encodeRequest } from './encodeRequest';
import type { ResolvedOptions } from './options';

/** Largest request before compression. The OTLP specification recommends the limit. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;

/** The key with which instrumentations of HTTP look whether they shall trace a request. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const UNTRACED = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

const log = safeLogger(diag);

/** Profiles since the exporter was created, by what became of them. */
export interface ProfileTotals {
  /** The server took them. */
  readonly exported: number;
  /** The server refused them or could not be reached, or they could not be encoded. */
  readonly failed: number;
  /** Dropped because too many of them waited. */
  readonly dropped: number;
  /** Rejected by the server in requests that it otherwise took. */
  readonly rejected: number;
}

/** Exports the windows of a given collector: `RuleProfileExporter` for any collector. */
export class ProfileExporter {
  private readonly counts = { exported: 0, failed: 0, dropped: 0, rejected: 0 };
  private readonly queue: SendQueue;
  private readonly consumer: Consumer | undefined;
  private ended: Promise<void> | undefined;

  /** @param collector `undefined`: exports nothing. */
  constructor(
    private readonly options: ResolvedOptions,
    collector: ProfileCollector | undefined,
    clock: Clock = realClock,
  ) {
    const { url, headers, agent, timeoutMillis, compression } = options;
    const own = {
      'content-type': 'application/x-protobuf',
      ...(compression === 'gzip' && { 'content-encoding': 'gzip' }),
    };
    const all = { 'user-agent': `rulescope/${VERSION}`, ...headers, ...own };
    const sender = new Sender({ url, headers: all, agent }, timeoutMillis, clock);
    const send = (request: Uint8Array): Promise<Result> =>
      context.with(UNTRACED, () => sender.send(request));
    const events = {
      sent: (result: Result) => this.count(result),
      dropped: (count: number) => this.countDropped(count, 'the server is too slow or not reached'),
    };
    this.queue = new SendQueue(options.maxQueueSize, send, events, clock);
    if (collector === undefined || isExportedElsewhere()) return;
    noteThatThreadExports();
    this.consumer = collector.addConsumer('profile exporter', (window, delivery) =>
      this.export(window, delivery),
    );
  }

  /** Profiles so far, by what became of them. */
  get totals(): ProfileTotals {
    return { ...this.counts };
  }

  /**
   * Closes the open windows of all threads and sends all profiles.
   *
   * @param timeoutMillis Longest wait, 1 to 600,000. Default: the option `timeoutMillis`.
   * @returns A promise that fulfills when everything was sent or the time is over. It never
   *   rejects, and keeps the process alive until then.
   * @throws InvalidOptionError if `timeoutMillis` is out of range.
   */
  forceFlush(timeoutMillis = this.options.timeoutMillis): Promise<void> {
    integerInRange('timeoutMillis', timeoutMillis, 1, 600_000);
    if (this.consumer === undefined) return Promise.resolve();
    return this.ended ?? this.drain(this.consumer.forceFlush(timeoutMillis), timeoutMillis);
  }

  /**
   * Ends the export: does what {@link forceFlush} does, takes no further windows, and drops the
   * profiles that could not be sent within the option `timeoutMillis`. Further calls return the
   * same promise.
   */
  shutdown(): Promise<void> {
    if (this.consumer === undefined) return Promise.resolve();
    this.ended ??= this.drain(this.consumer.remove(), this.options.timeoutMillis).then(() =>
      this.queue.close(),
    );
    return this.ended;
  }

  /** Waits until the last windows were handled and sent. */
  private async drain(handled: Promise<void>, timeoutMillis: number): Promise<void> {
    let timer: ReturnType<typeof timers.setTimeout> | undefined;
    // Not `unref`ed: connections do not keep the process alive, so this timer has to.
    const timeout = new Promise<void>((resolve) => {
      timer = timers.setTimeout(resolve, timeoutMillis);
    });
    await Promise.race([handled.then(() => this.queue.drained()), timeout]);
    if (timer !== undefined) timers.clearTimeout(timer);
  }

  private async export(window: ProfileWindow, { missed }: Delivery): Promise<void> {
    if (isExportedElsewhere()) return void this.shutdown();
    if (missed > 0) this.countDropped(missed, 'encoding takes longer than a window');
    // A failed window has no profile. The collector has reported why.
    if (window.error !== undefined) return;
    try {
      const profile = await toPprofInTurns(window);
      const { complete } = window;
      const parts = { ...this.options, complete, profileId: randomBytes(16) };
      const encoded = await inTurns(encodeRequest(profile, parts));
      if (encoded === undefined) return;
      if (encoded.length > MAX_REQUEST_BYTES) {
        throw new RangeError(`it has ${encoded.length} bytes, more than ${MAX_REQUEST_BYTES}`);
      }
      const compressed = this.options.compression === 'gzip' ? await compress(encoded) : encoded;
      this.queue.add(compressed);
    } catch (error) {
      this.countFailed(`a profile cannot be encoded: ${String(error)}`);
    }
  }

  private count({ failure, rejected, remark }: Result): void {
    if (failure !== undefined) {
      const { origin, pathname } = new URL(this.options.url);
      return this.countFailed(`sending a profile to ${origin}${pathname} failed: ${failure}`);
    }
    this.counts.exported++;
    this.counts.rejected += rejected;
    const said = remark && `: ${remark}`;
    if (rejected > 0) lost(`the server rejected ${rejected} profiles${said}`);
    else if (remark) log.warn(`rulescope: the server took a profile with a warning${said}`);
  }

  private countFailed(what: string): void {
    this.counts.failed++;
    lost(what);
  }

  private countDropped(count: number, why: string): void {
    this.counts.dropped += count;
    lost(`${count} profiles were dropped, because ${why}`);
  }
}

/** Logs a loss. The first one of the process is also a warning on stderr. */
function lost(what: string): void {
  log.error(`rulescope: ${what}`);
  warnOnce(
    `rulescope: ${what}. Further losses go to OpenTelemetry's diag and to "totals" of the exporter.`,
    'RULESCOPE_PROFILES_LOST',
  );
}

const compress = promisify(gzip);

const realClock: Clock = {
  now: timers.monotonicMillis,
  epochMillis: timers.epochMillis,
  wait: (millis) =>
    new Promise((resolve) => {
      timers.setTimeout(resolve, millis).unref();
    }),
};
