import type { Variant } from '../variants';

/** A sample of a series. */
export class Sample {
  /** The series. */
  ref = 0;
  /** Milliseconds since 1970. */
  time = 0;
  value = 0;
}

/** Decoded samples. They are valid until the buffer is cleared. */
export class SampleBuffer {
  readonly samples: Sample[] = [];
  length = 0;

  /** Makes room for the next samples. */
  clear(): void {
    this.samples.length = 0;
    this.length = 0;
  }

  /** Returns the next sample to write to. */
  next(): Sample {
    if (this.length === this.samples.length) this.samples.push(new Sample());
    return this.samples[this.length++]!;
  }
}

/**
 * Finding 5: a buffer that is really used again. An array that is cut to length 0 drops its
 * elements, so each block got new ones. Only the counter may go back.
 */
export class ReusedSampleBuffer extends SampleBuffer {
  override clear(): void {
    this.length = 0;
  }
}

/** Returns a buffer of a variant. */
export function createBuffer({ reusesSamples }: Variant): SampleBuffer {
  return reusesSamples ? new ReusedSampleBuffer() : new SampleBuffer();
}
