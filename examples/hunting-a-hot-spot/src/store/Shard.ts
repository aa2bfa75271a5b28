import type { SharedBatch } from '../feed/SharedBatch';
import type { PlacedSeries } from '../feed/messages';
import { Sample, type SampleBuffer } from '../log/Sample';
import type { Variant } from '../variants';
import { ChunkMemory } from './ChunkMemory';
import { hashSeries } from './hashSeries';
import { HeadSeries, Series } from './Series';
import type { SeriesIndex } from './SeriesIndex';

/** A number that goes up. */
class Counter {
  value = 0;

  increment(): void {
    this.value++;
  }
}

/** The series of one worker. */
export class Shard {
  readonly added = new Counter();
  /** Samples whose series the log does not name. */
  readonly unknown = new Counter();
  /** Samples that were not newer than the last one of their series. */
  readonly old = new Counter();
  protected readonly series: Series[] = [];
  private readonly memory = new ChunkMemory();
  private readonly sample = new Sample();

  /**
   * @param number The worker's number. It owns the series whose reference has this remainder.
   * @param workers Number of all workers.
   */
  constructor(
    private readonly SeriesClass: typeof Series,
    private readonly index: SeriesIndex,
    private readonly number: number,
    private readonly workers: number,
  ) {}

  addSeries(placed: readonly PlacedSeries[]): void {
    for (const { ref, name, place } of placed) {
      this.series[place] = new this.SeriesClass(ref, name, this.memory);
    }
  }

  /** Adds those samples that belong to this worker. */
  appendOwn({ samples, length }: SampleBuffer): void {
    for (let i = 0; i < length; i++) {
      const sample = samples[i]!;
      if (sample.ref % this.workers !== this.number) continue;
      this.add(sample);
    }
  }

  /** Finding 4: adds samples that have been partitioned, so all belong to this worker. */
  appendAll({ refs, times, values, length }: SharedBatch): void {
    // One object for all: V8 would put times and values on its heap to pass them to a function.
    const { sample } = this;
    for (let i = 0; i < length; i++) {
      sample.ref = refs[i]!;
      sample.time = times[i]!;
      sample.value = values[i]!;
      this.add(sample);
    }
  }

  /** Returns the series with this name. */
  named(name: string): Series | undefined {
    return this.series.find((series) => series.name === name);
  }

  /** Returns a hash of each series, its name and its samples, by reference. */
  hashes(): Map<number, string> {
    return new Map(this.series.map((series) => [series.ref, hashSeries(series)]));
  }

  /** Returns the number of chunks and the bytes of their samples. */
  size(): { chunks: number; bytes: number } {
    const size = { chunks: 0, bytes: 0 };
    for (const { chunks } of this.series) {
      size.chunks += chunks.length;
      for (const { length } of chunks) size.bytes += length * Uint32Array.BYTES_PER_ELEMENT;
    }
    return size;
  }

  protected add(sample: Sample): void {
    const series = this.find(sample.ref);
    if (series === undefined) this.unknown.increment();
    else if (series.append(sample)) this.added.increment();
    else this.old.increment();
  }

  protected find(ref: number): Series | undefined {
    return this.series[this.index.find(ref)];
  }
}

/** Finding 3: a shard that keeps the series it has looked up, by reference. */
class CachingShard extends Shard {
  private readonly found: Series[] = [];

  protected override find(ref: number): Series | undefined {
    const known = this.found[ref];
    if (known !== undefined) return known;
    const series = super.find(ref);
    if (series !== undefined) this.found[ref] = series;
    return series;
  }
}

/** A dead end: a shard that counts samples once per batch. */
class UncountedShard extends CachingShard {
  override appendAll(batch: SharedBatch): void {
    const others = this.unknown.value + this.old.value;
    super.appendAll(batch);
    this.added.value += batch.length - (this.unknown.value + this.old.value - others);
  }

  protected override add(sample: Sample): void {
    const series = this.find(sample.ref);
    if (series === undefined) this.unknown.increment();
    else if (!series.append(sample)) this.old.increment();
  }
}

/** Returns the shard of a variant. Other parameters: see {@link Shard}. */
export function createShard(
  variant: Variant,
  index: SeriesIndex,
  number: number,
  workers: number,
): Shard {
  const SeriesClass = variant.keepsHead ? HeadSeries : Series;
  return new (shardClass(variant))(SeriesClass, index, number, workers);
}

function shardClass({ cachesSeries, counts }: Variant): typeof Shard {
  if (!counts) return UncountedShard;
  return cachesSeries ? CachingShard : Shard;
}
