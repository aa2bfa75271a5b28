import type { MessagePort } from 'node:worker_threads';
import type { SeriesIndex } from '../store/SeriesIndex';
import type { Variant } from '../variants';
import { BroadcastFeed } from './BroadcastFeed';
import type { Feed } from './Feed';
import { DirectFeed, PartitionedFeed } from './PartitionedFeed';
import { createBuffer } from '../log/Sample';

/** Returns the feed of a variant. */
export function createFeed(
  variant: Variant,
  ports: readonly MessagePort[],
  index: SeriesIndex,
): Feed {
  if (!variant.partitions) return new BroadcastFeed(ports, index);
  if (variant.decodesIntoBatches) return new DirectFeed(ports, index);
  return new PartitionedFeed(ports, index, createBuffer(variant));
}
