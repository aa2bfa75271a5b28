import type { Profile } from '#pprof-format';
import { timers } from '../base/timers';
import type { HolderCounts } from '../labels/LabelStorage';
import type { GenerateLabels, Native } from '../native/loadNative';
import type { SampleCounter } from './ThreadContexts';
import { type Recorded, emptyRecording } from './TimeRecording';
import { type Session, TimeSessions, type TimeSessionsParts } from './TimeSessions';
import {
  type ResolvedTimeOptions,
  type TimeProfilerOptions,
  resolveTimeOptions,
} from './timeOptions';

/** What a `DatadogTime` is built from. */
export interface DatadogTimeParts extends TimeSessionsParts {
  /** Loads the native library. @throws SamplerUnavailableError if it does not load. */
  native(): Pick<Native, 'serializeTimeProfile' | 'constants'>;
  readonly sampler: SampleCounter & { holderCounts(): HolderCounts };
}

/**
 * Result of `time.getState()`. The key `time.constants.kSampleCount` holds the number of samples.
 */
export type TimeState = Readonly<Record<number, number>>;

/** Result of `time.getMetrics()`. */
export interface TimeMetrics {
  readonly usedAsyncContextCount: number;
  readonly totalAsyncContextCount: number;
}

/**
 * Does what `time` of `@datadog/pprof` does, for any number of users at once. Each recording is a
 * span of its own. Only one `start` can be active at a time, as in the original, because `stop`
 * does not say which one it ends.
 *
 * Unlike in the original, calls after the end (`setContext`, `runWithContext`, another `stop` and
 * so on) do not throw. A hook or timer that runs late must not crash the application. Scripts have
 * the path of their file as their name, where the original leaves a module's URL encoded.
 */
export class DatadogTime {
  private readonly sessions: TimeSessions;
  private started: Session | undefined;
  private stuck = 0;
  private state: TimeState | undefined;

  constructor(private readonly parts: DatadogTimeParts) {
    this.sessions = new TimeSessions(parts);
  }

  start(options?: TimeProfilerOptions | null): void {
    if (this.started !== undefined) throw new Error('Wall profiler is already started');
    this.started = this.sessions.open(options);
    this.stuck = 0;
  }

  stop(restart = false, generateLabels?: GenerateLabels, lowCardinalityLabels?: string[]): Profile {
    const session = this.started;
    if (session === undefined) {
      return this.serialize(
        resolveTimeOptions(),
        emptyRecording(),
        generateLabels,
        lowCardinalityLabels,
      );
    }
    if (!restart) this.started = undefined;
    const recorded = restart ? this.sessions.cut(session) : this.sessions.close(session);
    this.stuck = restart && recorded.stuck ? 2 : 0;
    return this.serialize(session.options, recorded, generateLabels, lowCardinalityLabels);
  }

  async profile(options?: TimeProfilerOptions | null): Promise<Profile> {
    const session = this.sessions.open(options);
    await new Promise<void>((resolve) =>
      timers.setTimeout(resolve, session.options.durationMillis),
    );
    const recorded = this.sessions.close(session);
    // Two pieces of work block the event loop for a shorter time than one.
    await new Promise<void>((resolve) => timers.setImmediate(resolve));
    return this.serialize(session.options, recorded);
  }

  /** Returns whether {@link start} was called without a {@link stop} since. */
  isStarted(): boolean {
    return this.started !== undefined;
  }

  /**
   * Sets the context of the running flow, the context of the thread, or both, as the active
   * recordings need it.
   */
  setContext(context?: object): void {
    if (this.sessions.count('flow') > 0) this.parts.flowContexts.enter(context);
    if (this.sessions.count('thread') > 0) this.parts.threadContexts.set(context);
  }

  getContext(): object | undefined {
    const { flowContexts, threadContexts } = this.parts;
    const usesThreadContext =
      this.started?.options.contexts === 'thread' || this.sessions.count('flow') === 0;
    return usesThreadContext ? threadContexts.current() : flowContexts.current();
  }

  /**
   * Calls `fn` with `context` in its flow. Only calls `fn` if no active recording uses contexts of
   * flows.
   */
  runWithContext<A extends unknown[], R>(context: object, fn: (...args: A) => R, ...args: A): R {
    if (this.sessions.count('flow') === 0) return fn(...args);
    return this.parts.flowContexts.run(context, fn, ...args);
  }

  /**
   * Returns the sample count. It never falls, even if another reader cuts the recording. A caller
   * that compares two readings sees whether a sample was taken in between.
   */
  getState(): TimeState {
    const { sampler, native } = this.parts;
    return (this.state ??= Object.defineProperty({}, native().constants.kSampleCount, {
      enumerable: true,
      get: () => sampler.totalSampleCount(),
    }));
  }

  getMetrics(): TimeMetrics {
    const { used, total } = this.parts.sampler.holderCounts();
    return { usedAsyncContextCount: used, totalAsyncContextCount: total };
  }

  /**
   * Returns 2 if V8 had stopped delivering samples before the last `stop(true)`, which has
   * restarted it; otherwise 0.
   */
  v8ProfilerStuckEventLoopDetected(): number {
    return this.stuck;
  }

  private serialize(
    { intervalMicros, sourceMapper, columnNumbers }: ResolvedTimeOptions,
    { profile }: Recorded,
    generateLabels?: GenerateLabels,
    lowCardinalityLabels?: string[],
  ): Profile {
    return this.parts
      .native()
      .serializeTimeProfile(
        profile,
        intervalMicros,
        sourceMapper,
        true,
        generateLabels,
        lowCardinalityLabels,
        columnNumbers,
      );
  }
}
