import type { ServerResponse } from 'node:http';
import {
  type Consumer,
  type ProfileWindow,
  attributeCpu,
  samplerSupport,
  sharedCollector,
} from '@rulescope/profiler';
import { explainTrouble } from './explainTrouble';

/** One window as the page draws it. CPU is in cores: 1 is one busy core. */
interface WindowPoint {
  /** End of the window, seconds since the epoch. */
  readonly time: number;
  readonly rules: Record<string, { cpu: number; error: number; hits: number }>;
  /** CPU outside all rules, by the values of `rulescope.cpu.source`. */
  readonly sources: Record<string, number>;
  readonly sampling: Sampling;
}

/** How exact the figures of a window are. */
interface Sampling {
  readonly fair: boolean;
  /** What makes samples less exact, and what to do about it. `undefined`: nothing. */
  readonly trouble: string | undefined;
  /** Samples that show CPU use, divided by the samples expected from the CPU time. */
  readonly quality: number | undefined;
  /** Time for which the thread waited for a processor, divided by its CPU time. */
  readonly waiting: number | undefined;
  readonly contended: boolean;
}

const KEPT = 300;

/**
 * Sends each window to all open pages as server-sent events. It is a consumer of the collector,
 * like the metrics.
 */
export class WindowFeed {
  private readonly history: WindowPoint[] = [];
  private readonly pages = new Set<ServerResponse>();
  private readonly consumer: Consumer;

  constructor() {
    this.consumer = sharedCollector().addConsumer('demo-page', (window) => this.add(window));
  }

  /** Opens a page's stream: it sends all kept windows, then each window as it closes. */
  open(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`event: history\ndata: ${JSON.stringify(this.history)}\n\n`);
    this.pages.add(response);
    response.once('close', () => this.pages.delete(response));
  }

  /** Ends all streams after the last window. */
  async close(): Promise<void> {
    await this.consumer.remove();
    for (const page of this.pages) page.end();
  }

  private add(window: ProfileWindow): void {
    const point = pointOf(window);
    this.history.push(point);
    if (this.history.length > KEPT) this.history.shift();
    for (const page of this.pages) page.write(`data: ${JSON.stringify(point)}\n\n`);
  }
}

function pointOf(window: ProfileWindow): WindowPoint {
  const seconds = window.durationMillis / 1000;
  const cpu = attributeCpu(window, 'rule');
  const rules = [...cpu.labels].map(([id, share]) => [
    id,
    {
      cpu: share.cpuSeconds / seconds,
      error: share.standardErrorSeconds / seconds,
      hits: share.hits,
    },
  ]);
  return {
    time: window.endTime / 1000,
    rules: Object.fromEntries(rules) as WindowPoint['rules'],
    sources: {
      unlabeled: cpu.unlabeled.cpuSeconds / seconds,
      gc: cpu.gc.cpuSeconds / seconds,
      runtime: cpu.runtime.cpuSeconds / seconds,
      other_threads: cpu.otherThreads.cpuSeconds / seconds,
    },
    sampling: samplingOf(window),
  };
}

function samplingOf({ fair, quality, contended, waitSeconds, cpu }: ProfileWindow): Sampling {
  const waiting =
    waitSeconds === undefined || cpu.threadSeconds === 0
      ? undefined
      : waitSeconds / cpu.threadSeconds;
  return { fair, trouble: explainTrouble(samplerSupport()), quality, waiting, contended };
}
