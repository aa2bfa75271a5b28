import type { CallNode, LabelSet, ProfileWindow } from '@rulescope/profiler';

/** What {@link windowOf} makes a window of: hits by what they fell into. */
export interface WindowContents {
  readonly rules?: Readonly<Record<string, number>> | Map<string, number>;
  /** Key of the label that carries the rules. Default `rule`. */
  readonly label?: string;
  readonly unlabelled?: number;
  readonly gc?: number;
  readonly runtime?: number;
  readonly idle?: number;
  /** CPU of the sampled thread, seconds. Default: 10 ms per hit that is not idle. */
  readonly threadSeconds?: number;
  readonly otherThreadsSeconds?: number;
  /** Default 1,000. */
  readonly durationMillis?: number;
  readonly complete?: boolean;
  readonly error?: Error;
  readonly pauseSeconds?: number;
}

/** A window of the given contents. */
export function windowOf(contents: WindowContents = {}): ProfileWindow {
  const { error, durationMillis = 1_000, otherThreadsSeconds = 0 } = contents;
  const nodes = [
    ...rulesOf(contents).map(([rule, hits]) =>
      node('work', hits, { [contents.label ?? 'rule']: rule }),
    ),
    node('work', contents.unlabelled ?? 0),
    node('(garbage collector)', contents.gc ?? 0),
    node('(program)', contents.runtime ?? 0),
  ];
  const hits = nodes.reduce((sum, { hitCount }) => sum + hitCount, 0);
  const threadSeconds = contents.threadSeconds ?? hits / 100;
  return {
    sequence: 1,
    startTime: 1_700_000_000_000,
    endTime: 1_700_000_000_000 + durationMillis,
    durationMillis,
    samplingIntervalMicros: 10_101,
    cpu: {
      processSeconds: threadSeconds + otherThreadsSeconds,
      threadSeconds,
      otherThreadsSeconds,
    },
    samples: { taken: error === undefined ? hits : 0, lost: 0 },
    incompleteReason: undefined,
    complete: error === undefined && (contents.complete ?? true),
    error,
    pauseSeconds: contents.pauseSeconds ?? 0.002,
    root:
      error === undefined
        ? node('(root)', 0, undefined, [...nodes, node('(idle)', contents.idle ?? 0)])
        : undefined,
    get profile(): never {
      throw new Error('metrics have no use for the pprof profile');
    },
  };
}

function rulesOf({ rules = {} }: WindowContents): [string, number][] {
  return rules instanceof Map ? [...rules] : Object.entries(rules);
}

function node(name: string, hits: number, labels?: LabelSet, children: CallNode[] = []): CallNode {
  const context = labels && { labels };
  return {
    name,
    scriptName: name.startsWith('(') ? '' : 'file:///app.js',
    hitCount: hits,
    contexts: Array.from({ length: hits }, () => ({ context, timestamp: 0n })),
    children,
  };
}
