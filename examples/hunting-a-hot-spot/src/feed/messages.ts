import type { EncodedSamples } from '../log/decodeSamples';

/** A series and its place in the array of its owner. */
export interface PlacedSeries {
  readonly ref: number;
  readonly name: string;
  readonly place: number;
}

/** What a worker gets. It answers `segment`, `batch` and `end` with an {@link Answer}. */
export type WorkerMessage =
  | { readonly type: 'batches'; readonly memories: readonly SharedArrayBuffer[] }
  | { readonly type: 'series'; readonly series: readonly PlacedSeries[] }
  | { readonly type: 'segment'; readonly segment: EncodedSamples }
  | { readonly type: 'batch'; readonly batch: number; readonly length: number }
  | { readonly type: 'end' };

/** Says that a worker has handled a message. Answers come in the order of the messages. */
export interface Answer {
  /** The batch of the message. `undefined` for a segment and for the end. */
  readonly batch: number | undefined;
}
