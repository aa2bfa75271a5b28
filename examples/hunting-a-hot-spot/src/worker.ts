/** A worker of the replay. It owns a part of the series and adds their samples. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { RuleInstrumentation, receiveWithRule, withLabels } from 'rulescope';
import { SharedBatch } from './feed/SharedBatch';
import type { Answer, WorkerMessage } from './feed/messages';
import { createBuffer } from './log/Sample';
import { decodeSamples } from './log/decodeSamples';
import { SeriesIndex } from './store/SeriesIndex';
import { createShard } from './store/Shard';
import type { Point } from './store/readChunk';
import { VARIANTS } from './variants';

export interface WorkerData {
  readonly variant: string;
  readonly number: number;
  readonly workers: number;
  readonly index: SharedArrayBuffer;
  /** Brings the samples. */
  readonly feed: MessagePort;
}

/** The last message to a worker. */
export interface Finish {
  /** Name of a series to return. */
  readonly query: string | undefined;
}

/** The answer to `Finish`. */
export interface Loaded {
  readonly samples: number;
  readonly unknown: number;
  readonly old: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly hashes: ReadonlyMap<number, string>;
  readonly points: readonly Point[] | undefined;
}

new RuleInstrumentation();

const { variant, number, workers, index, feed } = workerData as WorkerData;
const shard = createShard(VARIANTS[variant]!, new SeriesIndex(index), number, workers);
const buffer = createBuffer(VARIANTS[variant]!);
const batches: SharedBatch[] = [];

receiveWithRule(feed, handle);

parentPort!.once('message', ({ query }: Finish) => {
  const { added, unknown, old } = shard;
  const loaded: Loaded = {
    samples: added.value,
    unknown: unknown.value,
    old: old.value,
    ...shard.size(),
    hashes: shard.hashes(),
    points: query === undefined ? undefined : shard.named(query)?.select(-Infinity, Infinity),
  };
  parentPort!.postMessage(loaded);
  feed.close();
});

function handle(message: WorkerMessage): void {
  switch (message.type) {
    case 'batches':
      batches.push(...message.memories.map((memory) => new SharedBatch(memory)));
      break;
    case 'series':
      withLabels({ stage: 'append' }, () => shard.addSeries(message.series));
      break;
    case 'segment':
      for (const block of decodeSamples(message.segment, buffer)) {
        withLabels({ stage: 'append' }, () => shard.appendOwn(block));
      }
      answer(undefined);
      break;
    case 'batch':
      withLabels({ stage: 'append' }, () => {
        const batch = batches[message.batch]!;
        batch.length = message.length;
        shard.appendAll(batch);
      });
      answer(message.batch);
      break;
    case 'end':
      answer(undefined);
  }
}

function answer(batch: number | undefined): void {
  feed.postMessage({ batch } satisfies Answer);
}
