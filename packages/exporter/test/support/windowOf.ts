import type {
  CallNode,
  LabelSet,
  LabelShare,
  ProfileWindow,
  SampleLabels,
} from '@rulescope/profiler';

/** Contents of a window: number of hits by where they fell, and the rest of its figures. */
export interface WindowContents {
  readonly rules?: Readonly<Record<string, number>> | Map<string, number>;
  /** Key of the label whose values are the rules. Default `rule`. */
  readonly label?: string;
  /** Hits of shared work, and its parts. */
  readonly shared?: { readonly hits: number; readonly parts: readonly LabelShare[] };
  readonly unlabeled?: number;
  readonly gc?: number;
  readonly runtime?: number;
  readonly idle?: number;
  /** CPU of the sampled thread. Default: 10 ms per hit that is not idle. */
  readonly threadSeconds?: number;
  readonly otherThreadsSeconds?: number;
  /** Default 1,000. */
  readonly durationMillis?: number;
  /** Start by the monotonic clock. Default 0. */
  readonly startMillis?: number;
  /** How far the wall clock was set since an instant that all windows share. Default 0. */
  readonly jumpMillis?: number;
  readonly complete?: boolean;
  readonly error?: Error;
  readonly pauseSeconds?: number;
  /** Default false. */
  readonly contended?: boolean;
  readonly quality?: number;
  /** Default 0, the main thread. */
  readonly threadId?: number;
  /** Number of sampled workers beside the thread. Their thread ids are 1, 2 and so on. */
  readonly workers?: number;
}

/** Returns a window with the given contents. */
export function windowOf(contents: WindowContents = {}): ProfileWindow {
  const { error, durationMillis = 1_000, otherThreadsSeconds = 0 } = contents;
  const { startMillis = 0, jumpMillis = 0 } = contents;
  const startTime = 1_700_000_000_000 + startMillis + jumpMillis;
  const { unlabeled = 0, gc = 0, runtime = 0, idle = 0, label = 'rule' } = contents;
  const { shared } = contents;
  const rules = rulesOf(contents);
  const others = unlabeled + gc + runtime + (shared?.hits ?? 0);
  const hits = rules.reduce((sum, [, count]) => sum + count, others);
  const threadSeconds = contents.threadSeconds ?? hits / 100;
  const cpuNanos = (threadSeconds / hits) * 1e9;
  const nodes = [
    ...rules.map(([rule, count]) => node('work', count, cpuNanos, { labels: { [label]: rule } })),
    node('work', shared?.hits ?? 0, cpuNanos, { labels: {}, ...shared }),
    node('work', unlabeled, cpuNanos),
    node('(garbage collector)', gc, cpuNanos),
    node('(program)', runtime),
    node('(idle)', idle, 0),
  ];
  return {
    origin: { threadId: contents.threadId ?? 0, program: '/bin/program', comments: [] },
    sequence: 1,
    startTime,
    endTime: startTime + durationMillis,
    endMonotonicMillis: startMillis + durationMillis,
    durationMillis,
    samplingIntervalMicros: 10_101,
    cpu: {
      processSeconds: threadSeconds + otherThreadsSeconds,
      threadSeconds,
      otherThreadsSeconds,
    },
    ...(contents.workers !== undefined && {
      workers: Array.from({ length: contents.workers }, (_, i) => i + 1),
    }),
    samples: { taken: error === undefined ? hits : 0, lost: 0 },
    incompleteReason: undefined,
    complete: error === undefined && (contents.complete ?? true),
    error,
    fair: error === undefined,
    quality: contents.quality,
    waitSeconds: undefined,
    timeslices: undefined,
    contended: contents.contended ?? false,
    pauseSeconds: contents.pauseSeconds ?? 0.002,
    root:
      error === undefined
        ? { name: '(root)', scriptName: '', hitCount: 0, contexts: [], children: nodes }
        : undefined,
  };
}

/** Returns a window with this many hits of 10 ms for each label set. */
export function windowWithLabels(sets: readonly (readonly [LabelSet, number])[]): ProfileWindow {
  const hits = sets.reduce((sum, [, count]) => sum + count, 0);
  const children = sets.map(([labels, count]) => node('work', count, 1e7, { labels }));
  return Object.defineProperty(windowOf({ threadSeconds: hits / 100 }), 'root', {
    value: { name: '(root)', scriptName: '', hitCount: 0, contexts: [], children },
  });
}

function rulesOf({ rules = {} }: WindowContents): [string, number][] {
  return rules instanceof Map ? [...rules] : Object.entries(rules);
}

/** Time of the last sample. Samples are one sampling interval apart. */
let timestamp = 0;

function node(name: string, hits: number, cpuTime?: number, context?: SampleLabels): CallNode {
  return {
    name,
    scriptName: name.startsWith('(') ? '' : 'file:///app.js',
    hitCount: hits,
    contexts: Array.from({ length: hits }, () => ({
      context,
      timestamp: (timestamp += 10_101),
      ...(cpuTime === undefined ? {} : { cpuTime }),
    })),
    children: [],
  };
}
