/** A way to replay the log. Each finding that is true has been applied. */
export interface Variant {
  /** What it changes, compared with the variant before it. */
  readonly change: string;
  /** Finding 2: a series keeps its head chunk. */
  readonly keepsHead: boolean;
  /** Finding 3: a worker keeps the series that it has looked up. */
  readonly cachesSeries: boolean;
  /** Finding 4: samples are partitioned once, before they are handed out. */
  readonly partitions: boolean;
  /** Finding 5: the buffer for decoded samples is used again. */
  readonly reusesSamples: boolean;
  /** Finding 6: samples are decoded into the batches of the workers, with no buffer between. */
  readonly decodesIntoBatches: boolean;
  /** Whether each added sample is counted by a call. */
  readonly counts: boolean;
  /** Whether a thread of its own decodes. */
  readonly decodingThread: boolean;
}

const slow = {
  change: 'where the story begins',
  keepsHead: false,
  cachesSeries: false,
  partitions: false,
  reusesSamples: false,
  decodesIntoBatches: false,
  counts: true,
  decodingThread: false,
};
const head = { ...slow, change: 'a series keeps its head chunk', keepsHead: true };
const cache = { ...head, change: 'a worker keeps the series it looked up', cachesSeries: true };
const partition = { ...cache, change: 'samples are partitioned once', partitions: true };
const reuse = { ...partition, change: 'decoded samples are used again', reusesSamples: true };
const direct = { ...reuse, change: 'no buffer for decoded samples', decodesIntoBatches: true };

/** All variants: the six steps of the story in order, then two dead ends that leave `direct`. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  slow,
  head,
  cache,
  partition,
  reuse,
  direct,
  uncounted: { ...direct, change: 'dead end: no call counts the samples', counts: false },
  thread: { ...direct, change: 'dead end: a thread of its own decodes', decodingThread: true },
};
