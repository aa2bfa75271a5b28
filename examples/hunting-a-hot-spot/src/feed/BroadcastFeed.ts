import type { Segment } from '../log/SegmentReader';
import { Feed } from './Feed';

/**
 * Hands all segments to all workers. The bytes are in memory that threads share, so this copies
 * nothing. Each worker decodes all samples and takes those of its own series.
 */
export class BroadcastFeed extends Feed {
  private before = Promise.resolve();

  protected override async addSamples({ data, samples }: Segment): Promise<void> {
    const { before } = this;
    this.before = this.postToAll({ type: 'segment', segment: { data, samples } });
    // The segment that is read next takes the place of the one before this one.
    await before;
  }
}
