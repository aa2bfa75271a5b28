import type { FlowContexts } from './FlowContexts';
import type { ThreadContexts } from './ThreadContexts';
import type { Recorded, TimeRecording } from './TimeRecording';
import {
  type ResolvedTimeOptions,
  type TimeProfilerOptions,
  resolveTimeOptions,
} from './timeOptions';
import type { ContextOf } from './toTimeProfile';

/** What the sessions of a `time` are made from. */
export interface TimeSessionsParts {
  readonly flowContexts: FlowContexts;
  readonly threadContexts: ThreadContexts;
  /** Starts a recording. @throws the sampler's error if it does not start. */
  record(options: ResolvedTimeOptions): TimeRecording;
}

/** One `start` or `profile` that has not ended. */
export interface Session {
  readonly options: ResolvedTimeOptions;
  readonly recording: TimeRecording;
}

/** The running recordings of a `time`, and the contexts that each of them gives to its samples. */
export class TimeSessions {
  private readonly sessions = new Set<Session>();

  constructor(private readonly parts: TimeSessionsParts) {}

  /** @throws the sampler's error if it does not start. */
  open(options?: TimeProfilerOptions | null): Session {
    const resolved = resolveTimeOptions(options);
    const session = { options: resolved, recording: this.parts.record(resolved) };
    this.sessions.add(session);
    // As in the original, even the first sample has a context.
    if (resolved.contexts === 'thread' && this.count('thread') === 1) {
      this.parts.threadContexts.set({});
    }
    return session;
  }

  cut(session: Session): Recorded {
    const recorded = session.recording.cut(this.contextsFor(session));
    if (this.count('thread') < 2) this.parts.threadContexts.forgetPast();
    return recorded;
  }

  close(session: Session): Recorded {
    const recorded = session.recording.close(this.contextsFor(session));
    this.sessions.delete(session);
    if (this.count('thread') === 0) this.parts.threadContexts.clear();
    return recorded;
  }

  /** Returns the number of sessions with contexts of this kind. */
  count(contexts: ResolvedTimeOptions['contexts']): number {
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
}
