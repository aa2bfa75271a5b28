import type { HolderCounts } from '../labels/LabelStorage';
import { setTimeout as delay } from 'node:timers/promises';
import type { Profile } from 'pprof-format';
import type { GenerateLabels, Native } from '../native/loadNative';
import type { FlowContexts } from './FlowContexts';
import type { SampleCounter, ThreadContexts } from './ThreadContexts';
import type { Recorded, TimeRecording } from './TimeRecording';
import {
  type ResolvedTimeOptions,
  type TimeProfilerOptions,
  resolveTimeOptions,
} from './timeOptions';
import type { ContextOf } from './toTimeProfile';

/** What a drop-in works with. */
export interface TimeDropInParts {
  /** @throws SamplerUnavailableError */
  native(): Pick<Native, 'serializeTimeProfile' | 'constants'>;
  readonly sampler: SampleCounter & { holderCounts(): HolderCounts };
  readonly flowContexts: FlowContexts;
  readonly threadContexts: ThreadContexts;
  /** @throws what keeps the sampler from running. */
  record(options: ResolvedTimeOptions): TimeRecording;
}

/** One `start` or `profile` under way. */
interface Session {
  readonly options: ResolvedTimeOptions;
  readonly recording: TimeRecording;
}

/** `time.getState()`: samples by `time.constants.kSampleCount`. */
export type TimeState = Readonly<Record<number, number>>;

/** `time.getMetrics()`. */
export interface TimeMetrics {
  readonly usedAsyncContextCount: number;
  readonly totalAsyncContextCount: number;
}

/**
 * Does what `time` of `@datadog/pprof` does, for any number of users at once: each recording is a span of its own. Only `start` is for
 * one at a time, as there, for `stop` could not tell which.
 *
 * What may be called after the end (`setContext`, `runWithContext`, another `stop`, ...) does not throw, other than there: a hook or a
 * timer that comes late must not take the application down.
 */
export class DatadogTime {
  private readonly sessions = new Set<Session>();
  private started: Session | undefined;
  private stuck = 0;
  private state: TimeState | undefined;

  constructor(private readonly parts: TimeDropInParts) {}

  start(options?: TimeProfilerOptions): void {
    if (this.started !== undefined) throw new Error('Wall profiler is already started');
    this.started = this.open(options);
    this.stuck = 0;
  }

  stop(restart = false, generateLabels?: GenerateLabels, lowCardinalityLabels?: string[]): Profile {
    const session = this.started;
    if (session === undefined) {
      return this.serialize(resolveTimeOptions(), nothing(), generateLabels, lowCardinalityLabels);
    }
    if (!restart) this.started = undefined;
    const recorded = restart ? this.cut(session) : this.close(session);
    this.stuck = restart && recorded.stuck ? 2 : 0;
    return this.serialize(session.options, recorded, generateLabels, lowCardinalityLabels);
  }

  async profile(options?: TimeProfilerOptions): Promise<Profile> {
    const session = this.open(options);
    await delay(session.options.durationMillis);
    return this.serialize(session.options, this.close(session));
  }

  /** Whether {@link start} was called and {@link stop} was not. */
  isStarted(): boolean {
    return this.started !== undefined;
  }

  /** Sets the context of the running flow, or of the thread: as those want it that record. */
  setContext(context?: object): void {
    if (this.users('flow') > 0) this.parts.flowContexts.enter(context);
    if (this.users('thread') > 0) this.parts.threadContexts.set(context);
  }

  getContext(): object | undefined {
    const { flowContexts, threadContexts } = this.parts;
    const ofThread = this.started?.options.contexts === 'thread' || this.users('flow') === 0;
    return ofThread ? threadContexts.current() : flowContexts.current();
  }

  /** Calls `fn` with `context` in its flow; just calls it when nobody records contexts of flows. */
  runWithContext<A extends unknown[], R>(context: object, fn: (...args: A) => R, ...args: A): R {
    if (this.users('flow') === 0) return fn(...args);
    return this.parts.flowContexts.run(context, fn, ...args);
  }

  /** The count never falls, whoever else cuts the recording: whoever compares two readings sees whether a sample was taken. */
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

  /** Whether V8 stopped to deliver samples before the last `stop(true)`, which has mended it: 2 if so, else 0. */
  v8ProfilerStuckEventLoopDetected(): number {
    return this.stuck;
  }

  private open(options?: TimeProfilerOptions): Session {
    const resolved = resolveTimeOptions(options);
    const session = { options: resolved, recording: this.parts.record(resolved) };
    this.sessions.add(session);
    // As the original does: a sample has a context from the first on.
    if (resolved.contexts === 'thread' && this.users('thread') === 1) {
      this.parts.threadContexts.set({});
    }
    return session;
  }

  private cut(session: Session): Recorded {
    const recorded = session.recording.cut(this.contextsFor(session));
    if (this.users('thread') < 2) this.parts.threadContexts.forgetPast();
    return recorded;
  }

  private close(session: Session): Recorded {
    const recorded = session.recording.close(this.contextsFor(session));
    this.sessions.delete(session);
    if (this.users('thread') === 0) this.parts.threadContexts.clear();
    return recorded;
  }

  private users(contexts: ResolvedTimeOptions['contexts']): number {
    let users = 0;
    for (const { options } of this.sessions) if (options.contexts === contexts) users++;
    return users;
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

function nothing(): Recorded {
  const now = Date.now() * 1000;
  return {
    stuck: false,
    profile: {
      topDownRoot: { name: '(root)', scriptName: '', hitCount: 0, contexts: [], children: [] },
      startTime: now,
      endTime: now,
      hasCpuTime: false,
      nonJSThreadsCpuTime: 0,
    },
  };
}
