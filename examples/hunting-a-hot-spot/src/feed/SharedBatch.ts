/** Samples of a batch at most. */
const BATCH_SAMPLES = 65_536;

const SAMPLE_BYTES = 8 + 8 + 4;

/** Samples in memory that threads share, so that handing them out copies nothing. */
export class SharedBatch {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly refs: Uint32Array;
  /** Samples in it. Sent with the batch: threads do not share it. */
  length = 0;

  /** @param memory Of the same batch in another thread. Default: a new batch. */
  constructor(readonly memory = new SharedArrayBuffer(BATCH_SAMPLES * SAMPLE_BYTES)) {
    this.times = new Float64Array(memory, 0, BATCH_SAMPLES);
    this.values = new Float64Array(memory, BATCH_SAMPLES * 8, BATCH_SAMPLES);
    this.refs = new Uint32Array(memory, BATCH_SAMPLES * 16, BATCH_SAMPLES);
  }

  get full(): boolean {
    return this.length === BATCH_SAMPLES;
  }

  add(ref: number, time: number, value: number): void {
    const at = this.length++;
    this.refs[at] = ref;
    this.times[at] = time;
    this.values[at] = value;
  }
}
