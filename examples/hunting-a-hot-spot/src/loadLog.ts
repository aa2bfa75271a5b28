import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { withLabels } from 'rulescope';
import { DecodingThread } from './feed/DecodingThread';
import { createFeed } from './feed/createFeed';
import { type DamagedLogError, SegmentReader, listSegments } from './log/SegmentReader';
import { SeriesIndex } from './store/SeriesIndex';
import type { Point } from './store/readChunk';
import { VARIANTS } from './variants';
import type { Finish, Loaded, WorkerData } from './worker';

/** Threads that hold the series, as in the story. */
const WORKERS = 8;

/** What a replay has loaded. */
export interface LoadedLog {
  readonly samples: number;
  readonly series: number;
  readonly chunks: number;
  /** Of all compressed samples. */
  readonly bytes: number;
  /** Samples whose series the log does not name. */
  readonly unknown: number;
  /** Samples that were not newer than the last one of their series. */
  readonly old: number;
  /** Of all series: their names and samples. */
  readonly hash: string;
  readonly damage: DamagedLogError | undefined;
  readonly points: readonly Point[] | undefined;
}

/**
 * Loads a log into worker threads, which end afterwards. Stops at the first damaged record.
 *
 * @param variant Name of one of `VARIANTS`.
 * @param query Name of a series to return.
 */
export async function loadLog(
  directory: string,
  variant: string,
  query: string | undefined,
): Promise<LoadedLog> {
  const files = listSegments(directory);
  const index = new SeriesIndex();
  const workers = Array.from({ length: WORKERS }, (_, number) =>
    startWorker(variant, number, index),
  );
  const ports = workers.map(({ feed }) => feed);
  const feed = VARIANTS[variant]!.decodingThread
    ? new DecodingThread(variant, ports, index)
    : createFeed(VARIANTS[variant]!, ports, index);
  const reader = new SegmentReader();
  let damage: DamagedLogError | undefined;
  for (const file of files) {
    const segment = withLabels({ stage: 'read' }, () => reader.read(file));
    await feed.add(segment);
    damage = segment.damage;
    if (damage !== undefined) break;
  }
  await feed.end();
  const parts = await Promise.all(workers.map(({ worker }) => finish(worker, query)));
  return { ...sum(parts), damage };
}

function startWorker(
  variant: string,
  number: number,
  index: SeriesIndex,
): { readonly worker: Worker; readonly feed: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const workerData: WorkerData = {
    variant,
    number,
    workers: WORKERS,
    index: index.memory,
    feed: port2,
  };
  const worker = new Worker(join(__dirname, 'worker.js'), { workerData, transferList: [port2] });
  return { worker, feed: port1 };
}

/** Asks a worker for its part, with which it ends. */
async function finish(worker: Worker, query: string | undefined): Promise<Loaded> {
  const exit = once(worker, 'exit');
  const loaded = once(worker, 'message') as Promise<[Loaded]>;
  worker.postMessage({ query } satisfies Finish);
  const [[part]] = await Promise.all([loaded, exit]);
  return part;
}

function sum(parts: readonly Loaded[]): Omit<LoadedLog, 'damage'> {
  const total = (key: 'samples' | 'chunks' | 'bytes' | 'unknown' | 'old'): number =>
    parts.reduce((sum, part) => sum + part[key], 0);
  const hashes = parts.flatMap((part) => [...part.hashes]).sort(([a], [b]) => a - b);
  return {
    samples: total('samples'),
    series: hashes.length,
    chunks: total('chunks'),
    bytes: total('bytes'),
    unknown: total('unknown'),
    old: total('old'),
    hash: createHash('sha256').update(JSON.stringify(hashes)).digest('hex'),
    points: parts.find(({ points }) => points !== undefined)?.points,
  };
}
