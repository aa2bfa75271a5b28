import { setTimeout as sleep } from 'node:timers/promises';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RuleInstrumentation, withRule } from '@rulescope/instrumentation';
import { type CollectorOptions, type ProfileWindow, sharedCollector } from '@rulescope/profiler';
import { Truth } from './Truth';
import type { AccuracyCell } from './cases';
import { startCell } from './startCell';
import { type SchedulerStatistics, schedulerStatistics } from './threadCpu';

/** What comes before the first window is not counted: code is compiled, rates settle. */
export const WARM_UP_SECONDS = 2;
/** Longer than any window: windows are cut by hand. */
const NEVER_MILLIS = 60_000;

/** A window of rulescope and what is true of it. */
export interface MeasuredWindow {
  readonly window: ProfileWindow;
  /** CPU by rule, seconds. */
  readonly truth: Readonly<Record<string, number>>;
  /** What the kernel counted for the thread in the window. */
  readonly scheduler: SchedulerStatistics;
  /** CPU of the process in the window by its own clock, seconds. */
  readonly processSeconds: number;
}

/** Runs `cell` under rulescope for `windows` windows. */
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
      // Both are synchronous, so no piece of work lies on a border. The windows are attributed at
      // the end: in between, that would use CPU that is to be sampled.
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
