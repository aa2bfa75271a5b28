import type { ClockReading } from '../model/ClockReading';
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../collector/Clock';
import type { OtherThreads, SamplingPlan } from '../collector/OtherThreads';
import type { ProfileWindow, WindowOrigin } from '../model/ProfileWindow';
import { lostWindow } from './lostWindow';
import { freezeWindow } from '../model/freezeWindow';
import type { FromWorker } from './messages';

/** Lets workers in. Calls `onWorker` with the port to each; returns how to let no more in. */
export type AcceptWorkers = (onWorker: (port: MessagePort, threadId: number) => void) => () => void;

/** A worker that was let in. */
interface Line {
  readonly port: MessagePort;
  readonly threadId: number;
  /** Whether it has a window under way. */
  sampling: boolean;
  /** When we heard of it last. */
  heard: ClockReading;
  last: ProfileWindow | undefined;
}

/**
 * The main thread's end of the lines to its workers. A line is open exactly while somebody reads: it tells the worker how to sample,
 * and brings its windows. That it closes from the other side is how the end of a worker shows, whatever the end.
 */
export class WorkerRegistry implements OtherThreads {
  private readonly lines = new Set<Line>();
  private plan: SamplingPlan | undefined;
  private deliver: (window: ProfileWindow) => void = () => undefined;
  private closeDoor: (() => void) | undefined;

  /** @param origin Of the main thread. */
  constructor(
    private readonly door: AcceptWorkers,
    private readonly clock: Clock,
    private readonly origin: WindowOrigin,
  ) {}

  get count(): number {
    let count = 0;
    for (const line of this.lines) if (line.sampling) count++;
    return count;
  }

  follow(plan: SamplingPlan | undefined, deliver: (window: ProfileWindow) => void): void {
    this.plan = plan;
    this.deliver = deliver;
    if (plan === undefined) {
      this.closeDoor?.();
      this.closeDoor = undefined;
      for (const { port } of this.lines) port.close();
      this.lines.clear();
      return;
    }
    for (const { port } of this.lines) port.postMessage(plan);
    this.closeDoor ??= this.door((port, threadId) => this.open(port, threadId));
  }

  private open(port: MessagePort, threadId: number): void {
    if (this.plan === undefined) {
      port.close();
      return;
    }
    const line = { port, threadId, sampling: false, heard: this.clock.now(), last: undefined };
    this.lines.add(line);
    port.on('message', (message: FromWorker) => this.hear(line, message));
    port.on('close', () => this.lose(line));
    port.unref();
    port.postMessage(this.plan);
  }

  private hear(line: Line, message: FromWorker): void {
    // It may have been on its way when the last reader left.
    if (!this.lines.has(line)) return;
    line.heard = this.clock.now();
    line.sampling = message.kind !== 'ended';
    if (message.kind === 'window') this.deliver((line.last = freezeWindow(message.window)));
  }

  private lose(line: Line): void {
    if (!this.lines.delete(line) || !line.sampling) return;
    const { threadId, last, heard } = line;
    const window = lostWindow({
      origin: last?.origin ?? { ...this.origin, threadId },
      sequence: (last?.sequence ?? 0) + 1,
      start: heard,
      end: this.clock.now(),
      samplingIntervalMicros: this.plan?.samplingIntervalMicros ?? 0,
    });
    this.deliver(window);
  }
}
