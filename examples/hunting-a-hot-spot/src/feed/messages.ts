import type { MessagePort, Worker } from 'node:worker_threads';

/** The sender's side of the port of a worker. */
export type WorkerPort = Worker | MessagePort;

/** A series and its place in the array of its owner. */
export interface PlacedSeries {
  readonly ref: number;
  readonly name: string;
  readonly place: number;
}

/** What a worker gets. It answers a batch with `Done`, and the end with `Ended`. */
export type WorkerMessage =
  | { readonly type: 'batches'; readonly memories: readonly SharedArrayBuffer[] }
  | { readonly type: 'series'; readonly series: readonly PlacedSeries[] }
  | { readonly type: 'batch'; readonly batch: number; readonly length: number }
  | { readonly type: 'end' };

/** Says that a worker needs a batch no more. */
export interface Done {
  readonly done: number;
}

/** Says that a worker has handled all messages before the end. */
export interface Ended {
  readonly ended: true;
}
