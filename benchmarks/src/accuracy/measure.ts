import { setTimeout as sleep } from 'node:timers/promises';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RuleInstrumentation, withRule } from '@rulescope/instrumentation';
import { type CollectorOptions, type ProfileWindow, sharedCollector } from '@rulescope/profiler';
import { Truth } from './Truth';
import type { AccuracyCell } from './cases';
import { startCell } from './startCell';
import { type SchedulerStatistics, schedulerStatistics } from './threadCpu';

/** Time before the first window, which does not count: V8 compiles code, and rates settle. */
export const WARM_UP_SECONDS = 2;
/** Longer than any window of a cell, because the benchmark cuts the windows itself. */
const NEVER_MILLIS = 60_000;

/** A window of rulescope and the truth about it. */
export interface MeasuredWindow {
  readonly window: ProfileWindow;
  /** True CPU per rule, in seconds. */
  readonly truth: Readonly<Record<string, number>>;
  /** What the kernel counted for the thread in the window. */
  readonly scheduler: SchedulerStatistics;
  /** CPU of the process in the window by `process.cpuUsage()`, in seconds. */
  readonly processSeconds: number;
}

/** Measures `windows` windows of `cell` under rulescope. */
export async function measure(
  cell: AccuracyCell,
  fairSampling: boolean,
  windows: number,
  cpu: number | undefined,
): Promise<MeasuredWindow[]> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  new RuleInstrumentation();
  const truth = new Truth();
  const options: CollectorOptions = {
    windowMillis: NEVER_MILLIS,
    ...(!fairSampling && { fairSampling }),
  };
  const span = sharedCollector(options).openSpan();
  const seconds = WARM_UP_SECONDS + windows * cell.windowSeconds;
  const stop = await startCell(cell, { withRule, truth, cpu, seconds });
  await sleep(WARM_UP_SECONDS * 1000);

  span.cut();
  truth.take();
  let before = readClocks();
  const measured: MeasuredWindow[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      // `cut` and `take` run in one turn, so no piece of work belongs to two windows. Windows are
      // attributed at the end, because attribution uses CPU that would be sampled.
      const window = span.cut();
      const now = readClocks();
      measured.push({ window, truth: truth.take(), ...difference(now, before) });
      before = now;
      if (measured.length < windows) return;
      clearInterval(timer);
      resolve();
    }, cell.windowSeconds * 1000);
  });
  stop();
  span.close();
  return measured;
}

interface Clocks {
  readonly scheduler: SchedulerStatistics;
  readonly processSeconds: number;
}

function readClocks(): Clocks {
  const { user, system } = process.cpuUsage();
  return { scheduler: schedulerStatistics(), processSeconds: (user + system) / 1e6 };
}

function difference(now: Clocks, before: Clocks): Clocks {
  return {
    scheduler: {
      cpuNanos: now.scheduler.cpuNanos - before.scheduler.cpuNanos,
      waitNanos: now.scheduler.waitNanos - before.scheduler.waitNanos,
      timeslices: now.scheduler.timeslices - before.scheduler.timeslices,
    },
    processSeconds: now.processSeconds - before.processSeconds,
  };
}
