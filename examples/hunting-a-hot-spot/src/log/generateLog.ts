import { LogWriter } from './LogWriter';
import { Sample } from './Sample';

export interface GeneratorOptions {
  readonly samples: number;
  readonly series: number;
  readonly seed: number;
  readonly segmentBytes: number;
}

/** Time of the first scrape, milliseconds since 1970. */
const START = Date.UTC(2018, 11, 1);
/** Time between two scrapes of a target. */
const INTERVAL = 15_000;
/** Series of a target. Each scrape of a target is a record. */
const TARGET_SERIES = 500;
/**
 * One scrape of this many is late. Then 96 % of the deltas do not change, as in Gorilla's paper.
 */
const LATE_EVERY = 75;
/** Milliseconds that a late scrape is late at most. */
const MAX_LATE = 4;

/** Writes a log as a monitoring system would: targets are scraped in turn, each every 15 seconds. */
export function generateLog(directory: string, options: GeneratorOptions): void {
  const writer = new LogWriter(directory, options.segmentBytes);
  const random = createRandom(options.seed);
  const values = new Float64Array(options.series + 1);
  for (let ref = 1; ref <= options.series; ref++) writer.addSeries(ref, nameOf(ref));
  const record = Array.from({ length: TARGET_SERIES }, () => new Sample());
  let left = options.samples;
  for (let time = START; left > 0; time += INTERVAL) {
    for (let first = 1; first <= options.series && left > 0; first += TARGET_SERIES) {
      const count = Math.min(TARGET_SERIES, options.series + 1 - first, left);
      const late = random() * LATE_EVERY < 1 ? Math.ceil(random() * MAX_LATE) : 0;
      const scraped = time + first + late;
      for (let i = 0; i < count; i++) {
        const sample = record[i]!;
        sample.ref = first + i;
        sample.time = scraped;
        sample.value = values[sample.ref] = nextValue(sample.ref, values[sample.ref]!, random());
      }
      writer.addSamples(scraped, count === TARGET_SERIES ? record : record.slice(0, count));
      left -= count;
    }
  }
  writer.close();
}

/** Returns the name of a series. */
export function nameOf(ref: number): string {
  const target = Math.floor((ref - 1) / TARGET_SERIES);
  return `metric_${(ref - 1) % TARGET_SERIES}{instance="10.0.0.${target}:9100"}`;
}

/**
 * Returns the next value. Half of the series are constant, as half of the values in Gorilla's paper
 * repeat the one before. A quarter are counters and a quarter gauges.
 */
function nextValue(ref: number, value: number, random: number): number {
  const kind = ref % 4;
  if (kind === 0) return value + 1 + Math.floor(random * 8);
  return kind === 1 ? value + Math.floor(random * 5 - 2) / 4 : ref;
}

/** Returns a source of numbers from 0 to 1: the generator mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
