import { once } from 'node:events';
import { join } from 'node:path';
import { type MessagePort, Worker } from 'node:worker_threads';
import { postWithRule } from 'rulescope';
import type { DecoderData } from '../decoder';
import type { Segment } from '../log/SegmentReader';
import type { SeriesIndex } from '../store/SeriesIndex';

/** A dead end: a thread of its own that decodes and hands out samples, as a `Feed` does. */
export class DecodingThread {
  private readonly worker: Worker;

  constructor(variant: string, ports: readonly MessagePort[], { memory }: SeriesIndex) {
    const workerData: DecoderData = { variant, index: memory, ports };
    this.worker = new Worker(join(__dirname, '..', 'decoder.js'), {
      workerData,
      transferList: [...ports],
    });
  }

  /** Resolves when all samples are handed out. */
  async add(segment: Segment): Promise<void> {
    const done = once(this.worker, 'message');
    postWithRule(this.worker, segment);
    await done;
  }

  /** Resolves when the workers have added all samples and the thread has ended. */
  async end(): Promise<void> {
    const exit = once(this.worker, 'exit');
    postWithRule(this.worker, undefined);
    await exit;
  }
}
