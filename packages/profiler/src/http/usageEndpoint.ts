import { once } from 'node:events';
import { type CpuShare, attributeCpu } from '../attribution/attributeCpu';
import { LabelHistory, type LabelUsage } from '../attribution/LabelHistory';
import type { ProfileCollector } from '../collector/ProfileCollector';
import { type Endpoint, jsonReply } from './endpoint';
import { QueryParameters } from './parameters';
import {
  type RecordingParts,
  recordingEnd,
  recordingFailed,
  throwIfDisconnected,
  unsupported,
} from './recordings';

/** Name of the endpoint, below the index page and beside the handler's own path. */
export const USAGE = 'rules/usage';

/** The history covers this time. It ends when no request has come for so long. */
const HISTORY_SECONDS = 300;
const DEFAULT_SECONDS = 60;
const MAX_TOP = 1_000;
const DEFAULT_TOP = 20;
/** Bounds the memory of a history to about 10 MB. A default window has fewer samples per thread. */
const MAX_VALUES = 500;
/** The first request waits for so long, then closes the window under way. */
const FIRST_SECONDS = 1;

export interface UsageParts extends RecordingParts {
  readonly collector: () => Pick<ProfileCollector, 'addConsumer' | 'rotate' | 'startFailure'>;
  /** Key of the label whose values are the rules. */
  readonly usageLabel: string;
}

/** Returns the endpoint that tells which rules, the values of a label, use the CPU, as JSON. */
export function usageEndpoint(parts: UsageParts, recorder: UsageRecorder): Endpoint {
  return {
    name: USAGE,
    help: () => ({
      summary: 'Which rules use the CPU, now and over the last minutes, as JSON.',
      unavailable: unsupported(parts)?.message,
      parameters: [
        {
          usage: 'seconds=N',
          meaning:
            `The newest windows that cover N seconds, 1 to ${HISTORY_SECONDS}; default ` +
            `${DEFAULT_SECONDS}. The history begins with the first request (option usage: with ` +
            'the handler). The answer says how many seconds it covers.',
        },
        { usage: 'top=N', meaning: `Most rules listed, 1 to ${MAX_TOP}; default ${DEFAULT_TOP}.` },
      ],
      commands: [
        { command: 'curl -s', query: '?seconds=5' },
        { command: 'curl -s', query: `?seconds=${HISTORY_SECONDS}&top=10` },
      ],
    }),
    async answer({ query, signal, headOnly }) {
      const parameters = new QueryParameters(query);
      const seconds = parameters.number('seconds', 1, HISTORY_SECONDS) ?? DEFAULT_SECONDS;
      const top = parameters.integer('top', 1, MAX_TOP) ?? DEFAULT_TOP;
      parameters.end('known parameters: seconds, top');
      const error = unsupported(parts);
      if (error !== undefined) throw error;
      if (headOnly) return jsonReply();
      return parts.limit.run(FIRST_SECONDS, async () => {
        const history = await recorder.history(signal);
        return jsonReply(report(parts.usageLabel, history.over(seconds, top)));
      });
    },
  };
}

interface UsageRun {
  readonly history: LabelHistory;
  /** Resolves when the history has its first window of this thread, or gets no more. */
  readonly begun: Promise<void>;
  end(): void;
}

/**
 * Keeps the history while it is asked for, or until it is closed. It is a consumer of the collector
 * like any other, so it disturbs no other reader.
 */
export class UsageRecorder {
  private run: UsageRun | undefined;
  private askedMillis = 0;

  /** @param always Begins the history now, and keeps it until it is closed. */
  constructor(
    private readonly parts: UsageParts,
    private readonly always: boolean,
  ) {
    if (always && parts.whyUnsupported() === undefined) this.run = this.start();
  }

  /**
   * Returns the history. The first call begins it, and resolves when it has a window.
   * @throws HttpError 503 when the sampler did not start.
   */
  async history(signal: AbortSignal): Promise<LabelHistory> {
    const { clock, collector } = this.parts;
    const shared = collector();
    this.askedMillis = clock.now().monotonicMillis;
    const { history, begun } = (this.run ??= this.start());
    const { startFailure } = shared;
    if (startFailure !== undefined) {
      if (!this.always && history.isEmpty) this.close();
      throw recordingFailed(startFailure);
    }
    if (history.isEmpty) {
      await recordingEnd(FIRST_SECONDS, signal, clock);
      throwIfDisconnected(signal);
      // Happens once in the life of a history, so requests do not cut windows short.
      if (history.isEmpty) shared.rotate();
      // Where sampling pauses between windows, the first one may take long.
      await Promise.race([begun, once(signal, 'abort')]);
      throwIfDisconnected(signal);
    }
    return history;
  }

  close(): void {
    this.run?.end();
    this.run = undefined;
  }

  private start(): UsageRun {
    const { clock, collector, threadId, usageLabel } = this.parts;
    const history = new LabelHistory(threadId, HISTORY_SECONDS, MAX_VALUES);
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const consumer = collector().addConsumer(`/debug/${USAGE}`, (window) => {
      history.add(window, attributeCpu(window, usageLabel));
      if (!history.isEmpty) begin();
      const unusedMillis = clock.now().monotonicMillis - this.askedMillis;
      const unused = unusedMillis > HISTORY_SECONDS * 1000;
      if (unused && !this.always && this.run === run) this.close();
    });
    const run = { history, begun, end: () => void consumer.remove().then(begin) };
    return run;
  }
}

/** Returns the body of the answer. A `usage` of 1 is one core that is always busy. */
function report(label: string, usage: LabelUsage): object {
  const { seconds, endTime, processCpuSeconds, labels } = usage;
  const figures = ({ cpuSeconds, standardErrorSeconds, hits }: CpuShare): object => ({
    cpuSeconds: micros(cpuSeconds),
    standardErrorSeconds: micros(standardErrorSeconds),
    usage: seconds > 0 ? micros(cpuSeconds / seconds) : 0,
    samples: hits,
  });
  return {
    label,
    seconds: micros(seconds),
    endTime,
    processCpuSeconds: micros(processCpuSeconds),
    rules: labels.map(([rule, share]) => ({ rule, ...figures(share) })),
    otherRules: figures(usage.otherLabels),
    unlabeled: figures(usage.unlabeled),
    gc: figures(usage.gc),
    runtime: figures(usage.runtime),
  };
}

/** Rounds to millionths. */
function micros(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
