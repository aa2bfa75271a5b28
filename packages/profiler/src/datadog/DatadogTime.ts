import type { Profile } from '#pprof-format';
import { timers } from '../base/timers';
import type { HolderCounts } from '../labels/LabelStorage';
import type { GenerateLabels, Native } from '../native/loadNative';
import type { FlowContexts } from './FlowContexts';
import type { SampleCounter, ThreadContexts } from './ThreadContexts';
import { type Recorded, type TimeRecording, emptyRecording } from './TimeRecording';
import {
  type ResolvedTimeOptions,
  type TimeProfilerOptions,
  resolveTimeOptions,
} from './timeOptions';

import type { ContextOf } from './toTimeProfile';

/** What a `DatadogTime` is built from. */
export interface DatadogTimeParts {
  /** Loads the native library. @throws SamplerUnavailableError if it does not load. */
  native(): Pick<Native, 'serializeTimeProfile' | 'constants'>;
  readonly sampler: SampleCounter & { holderCounts(): HolderCounts };
  readonly flowContexts: FlowContexts;
  readonly threadContexts: ThreadContexts;
  /** Starts a recording. @throws the sampler's error if it does not start. */
  record(options: ResolvedTimeOptions): TimeRecording;
}

/** One `start` or `profile` that has not ended. */
interface Session {
  readonly options: ResolvedTimeOptions;
  readonly recording: TimeRecording;
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
  private readonly sessions = new Set<Session>();
  private started: Session | undefined;
  private stuck = 0;
  private state: TimeState | undefined;

  constructor(private readonly parts: DatadogTimeParts) {}

  start(options?: TimeProfilerOptions | null): void {
    if (this.started !== undefined) throw new Error('Wall profiler is already started');
    this.started = this.open(options);
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
    const recorded = restart ? this.cut(session) : this.close(session);
    this.stuck = restart && recorded.stuck ? 2 : 0;
    return this.serialize(session.options, recorded, generateLabels, lowCardinalityLabels);
  }

  async profile(options?: TimeProfilerOptions | null): Promise<Profile> {
    const session = this.open(options);
    await new Promise<void>((resolve) =>
      timers.setTimeout(resolve, session.options.durationMillis),
    );
    const recorded = this.close(session);
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
    if (this.sessionCount('flow') > 0) this.parts.flowContexts.enter(context);
    if (this.sessionCount('thread') > 0) this.parts.threadContexts.set(context);
  }

  getContext(): object | undefined {
    const { flowContexts, threadContexts } = this.parts;
    const usesThreadContext =
      this.started?.options.contexts === 'thread' || this.sessionCount('flow') === 0;
    return usesThreadContext ? threadContexts.current() : flowContexts.current();
  }

  /**
   * Calls `fn` with `context` in its flow. Only calls `fn` if no active recording uses contexts of
   * flows.
   */
  runWithContext<A extends unknown[], R>(context: object, fn: (...args: A) => R, ...args: A): R {
    if (this.sessionCount('flow') === 0) return fn(...args);
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

  private open(options?: TimeProfilerOptions | null): Session {
    const resolved = resolveTimeOptions(options);
    const session = { options: resolved, recording: this.parts.record(resolved) };
    this.sessions.add(session);
    // As in the original, even the first sample has a context.
    if (resolved.contexts === 'thread' && this.sessionCount('thread') === 1) {
      this.parts.threadContexts.set({});
    }
    return session;
  }

  private cut(session: Session): Recorded {
    const recorded = session.recording.cut(this.contextsFor(session));
    if (this.sessionCount('thread') < 2) this.parts.threadContexts.forgetPast();
    return recorded;
  }

  private close(session: Session): Recorded {
    const recorded = session.recording.close(this.contextsFor(session));
    this.sessions.delete(session);
    if (this.sessionCount('thread') === 0) this.parts.threadContexts.clear();
    return recorded;
  }

  private sessionCount(contexts: ResolvedTimeOptions['contexts']): number {
    let count = 0;
    for (const { options } of this.sessions) if (options.contexts === contexts) count++;
    return count;
  }

  private contextsFor({ options }: Session): ContextOf | undefined {
    const { flowContexts, threadContexts } = this.parts;
    if (options.contexts === 'none') return undefined;
    if (options.contexts === 'flow') return ({ context }) => flowContexts.in(context?.labels);
    const contextAt = threadContexts.lookup();
    return ({ timestamp }) => contextAt(timestamp);
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
