/** The thread that decodes, of the dead end `thread`. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { RuleInstrumentation, receiveWithRule } from 'rulescope';
import { createFeed } from './feed/createFeed';
import type { Segment } from './log/SegmentReader';
import { SeriesIndex } from './store/SeriesIndex';
import { VARIANTS } from './variants';

export interface DecoderData {
  readonly variant: string;
  readonly index: SharedArrayBuffer;
  readonly ports: readonly MessagePort[];
}

new RuleInstrumentation();

const { variant, index, ports } = workerData as DecoderData;
const feed = createFeed(VARIANTS[variant]!, ports, new SeriesIndex(index));

const stop = receiveWithRule(parentPort!, async (segment: Segment | undefined) => {
  if (segment === undefined) await feed.end();
  else await feed.add(segment);
  parentPort!.postMessage('done');
  if (segment !== undefined) return;
  stop();
  for (const port of ports) port.close();
});
