/** All readers of windows in the application: consumers, spans and the drop-in API. */
import {
  type Consumer,
  type Delivery,
  type ProfileWindow,
  attributeCpu,
  sharedCollector,
} from '@rulescope/profiler';
import { time } from '@rulescope/profiler/datadog';
import type { Stressor, Tally } from './Tally';
import { between, pause } from './pace';

const collector = sharedCollector();

function processSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Returns the sum of all parts of a main-thread window's CPU. */
function ledger(window: ProfileWindow): number {
  const { labels, unlabeled, gc, runtime, otherThreads } = attributeCpu(window, 'rule');
  return [...labels.values(), unlabeled, gc, runtime, otherThreads].reduce(
    (sum, { cpuSeconds }) => sum + cpuSeconds,
    0,
  );
}

export const LOST_WITH_WORKERS = 'windows lost with a terminated worker';

/** Checks that no window is missing, and that the CPU of all windows is the CPU of the process. */
class Accountant {
  windows = 0;
  private cpu = 0;
  private readonly begun = processSeconds();
  private used = NaN;
  /** The last window of each thread. Only two figures, because there are hundreds of workers. */
  private readonly lastOf = new Map<number, { sequence: number; endMillis: number }>();

  constructor(private readonly tally: Tally) {}

  take(window: ProfileWindow): void {
    const { tally } = this;
    const { threadId } = window.origin;
    const last = this.lastOf.get(threadId);
    const endMillis = window.endMonotonicMillis;
    this.lastOf.set(threadId, { sequence: window.sequence, endMillis });
    this.windows++;
    tally.count(threadId === 0 ? 'windows' : 'windows of workers');
    tally.count('samples', window.samples.taken);
    tally.count('samples lost', window.samples.lost);
    if (window.incompleteReason !== undefined) {
      tally.count(`incomplete (${window.incompleteReason}) with their CPU`);
    }
    tally.count(LOST_WITH_WORKERS, window.error?.name === 'WorkerLostError' ? 1 : 0);
    if (last !== undefined) {
      const missing = window.sequence - last.sequence - 1;
      tally.check(missing === 0, `${missing} windows of thread ${threadId} are missing`);
    }
    // Incomplete windows are fine because they report it. Only a failed window counts as lost.
    const { error, sequence } = window;
    const known = error === undefined || error.name === 'WorkerLostError';
    tally.check(known, `window ${sequence} of thread ${threadId}: ${error?.message}`);
    if (threadId !== 0) return;
    if (last !== undefined) {
      const gap = endMillis - window.durationMillis - last.endMillis;
      tally.check(
        Math.abs(gap) < 0.001,
        `${gap} ms between windows ${last.sequence} and ${window.sequence}`,
      );
    }
    const parts = ledger(window);
    const { processSeconds: used } = window.cpu;
    tally.check(
      Math.abs(parts - used) < 1e-6,
      `the parts of a window sum to ${parts} s of ${used} s`,
    );
    this.cpu += parts;
  }

  /** Ends the accounting. Call it when the last window is closed; that window can arrive later. */
  end(): void {
    this.used = processSeconds() - this.begun;
  }

  settle(): void {
    const { tally, cpu, used } = this;
    const off = Math.abs(cpu - used) / used;
    tally.check(off < 0.001, `the windows have ${cpu} s of CPU, the process used ${used} s`);
  }
}

/** Waits up to 30 s for a window of the thread. Returns whether it arrived. */
export async function firstWindowOf(threadId: number): Promise<boolean> {
  const arrived = new AbortController();
  const consumer = collector.addConsumer('first window', ({ origin }) => {
    if (origin.threadId === threadId) arrived.abort();
  });
  await pause(30_000, arrived.signal);
  await consumer.remove();
  return arrived.signal.aborted;
}

/** Adds a consumer and counts its deliveries. */
function addCounted(
  name: string,
  callback: (window: ProfileWindow) => unknown,
): { readonly consumer: Consumer; received: number; missed: number } {
  const counted = {
    received: 0,
    missed: 0,
    consumer: collector.addConsumer(name, (window: ProfileWindow, { missed }: Delivery) => {
      counted.received++;
      counted.missed += missed;
      return callback(window);
    }),
  };
  return counted;
}

/**
 * Adds consumers that throw, reject and sleep, beside one that checks every window. Each must learn
 * how many windows it missed.
 */
export const consumers: Stressor = async (tally, ended) => {
  let thrown = 0;
  const thrower = addCounted('throws', () => {
    if (Math.random() < 0.5) return;
    thrown++;
    throw new Error('this consumer always fails');
  });
  let rejected = 0;
  const rejecter = addCounted('rejects', async () => {
    await Promise.resolve();
    rejected++;
    throw new Error('this consumer always fails');
  });
  const sleeper = addCounted('sleeps', () => pause(between(0, 15_000), ended));
  const accountant = new Accountant(tally);
  const accounted = collector.addConsumer('accountant', (window) => accountant.take(window));
  while (!ended.aborted) await pause(1_000, ended);

  const all = [thrower, rejecter, sleeper];
  // All removals are in one turn, so the number of windows that they close is known.
  const removals = [accounted, ...all.map(({ consumer }) => consumer).toReversed()].map((each) => {
    const removal = each.remove();
    if (each === accounted) accountant.end();
    return removal;
  });
  await Promise.all(removals);
  accountant.settle();
  all.toReversed().forEach(({ consumer, received, missed }, i) => {
    // Adding and removing a consumer closes a window, which all current consumers receive.
    const offered = accountant.windows + 2 * (i + 1);
    const { name, dropped } = consumer;
    tally.check(
      dropped === missed,
      `${name}: missed ${missed} windows, but ${dropped} were dropped`,
    );
    const found = received + dropped;
    tally.check(found === offered, `${name}: ${found} windows of ${offered}`);
  });
  tally.count('dropped windows that were reported', sleeper.consumer.dropped);
  for (const { consumer } of [thrower, rejecter]) {
    tally.check(consumer.dropped === 0, `${consumer.name}: ${consumer.dropped} dropped`);
  }
  tally.check(accounted.dropped === 0 && accounted.failed === 0, 'the accountant missed windows');
  tally.check(thrower.consumer.failed === thrown, `${thrower.consumer.failed} of ${thrown} throws`);
  tally.check(rejecter.consumer.failed === rejected, `${rejecter.consumer.failed} rejections`);
  tally.count('failures of consumers', thrown + rejected);
};

/** Adds and removes consumers. The windows of each must have all CPU of its time. */
export const guests: Stressor = async (tally, ended) => {
  while (!ended.aborted) {
    const windows: ProfileWindow[] = [];
    const before = processSeconds();
    const guest = collector.addConsumer('guest', (window) => {
      if (window.origin.threadId === 0) windows.push(window);
    });
    const from = processSeconds();
    await pause(between(0, 3_000), ended);
    const to = processSeconds();
    const removal = guest.remove();
    const after = processSeconds();
    await removal;
    const cpu = windows.reduce((sum, window) => sum + window.cpu.processSeconds, 0);
    tally.count('guests');
    tally.check(
      cpu >= to - from - 1e-6 && cpu <= after - before + 1e-6,
      `a guest has ${cpu} s of CPU, ${to - from} s to ${after - before} s were used`,
    );
  }
};

/** Opens overlapping spans at several sampling intervals. Each must have exactly its own time. */
export const spans: Stressor = async (tally, ended) => {
  const one = async (samplingIntervalMicros: number): Promise<void> => {
    while (!ended.aborted) {
      const before = performance.now();
      const span = collector.openSpan({ samplingIntervalMicros });
      const from = performance.now();
      await pause(between(1, 4_000), ended);
      const to = performance.now();
      const { durationMillis, incompleteReason, error } = span.close();
      const after = performance.now();
      tally.count('spans');
      tally.check(
        durationMillis >= to - from - 1e-6 && durationMillis <= after - before + 1e-6,
        `a span of ${durationMillis} ms instead of ${to - from} ms to ${after - before} ms`,
      );
      if (incompleteReason !== undefined) tally.count(`incomplete (${incompleteReason})`);
      tally.check(error === undefined, `a span failed: ${error?.message}`);
      await pause(between(0, 2_000), ended);
    }
  };
  await Promise.all([10_101, 10_101, 4_999, 1_999].map(one));
};

/** Interval of the drop-in profiles, microseconds. */
const DROP_IN_INTERVAL_MICROS = 5_003;
/**
 * CPU of the main thread that cannot be without a sample. On a busy machine, a thread can get less
 * than that in half a second.
 */
const MIN_SAMPLED_SECONDS = (20 * DROP_IN_INTERVAL_MICROS) / 1e6;

/** Uses `time` of the drop-in API: overlapping profiles, and one recording that restarts. */
export const dropIn: Stressor = async (tally, ended) => {
  /** Checks that a profile has samples, unless the window of the same time says why not. */
  const check = (
    { sample }: { sample: { value: (number | bigint)[] }[] },
    { incompleteReason, cpu }: ProfileWindow,
  ): void => {
    const samples = sample.reduce((sum, { value }) => sum + Number(value[0]), 0);
    if (samples > 0) return;
    const why = cpu.threadSeconds < MIN_SAMPLED_SECONDS ? 'no CPU' : incompleteReason;
    tally.count(`profiles without samples (${why})`);
    tally.check(why !== undefined, `a profile without samples of ${cpu.threadSeconds} s of CPU`);
  };
  const recorded = async (): Promise<void> => {
    while (!ended.aborted) {
      const span = collector.openSpan({ samplingIntervalMicros: DROP_IN_INTERVAL_MICROS });
      const profile = await time.profile({
        durationMillis: between(500, 3_000),
        intervalMicros: DROP_IN_INTERVAL_MICROS,
      });
      tally.count('profiles');
      check(profile, span.close());
      await pause(between(0, 2_000), ended);
    }
  };
  const restarted = async (): Promise<void> => {
    time.start({ intervalMicros: 9_973, withContexts: true, useCPED: true });
    const span = collector.openSpan();
    while (!ended.aborted) {
      await pause(5_000, ended);
      tally.count('restarts');
      check(time.stop(true), span.cut());
    }
    time.stop();
    span.close();
  };
  await Promise.all([recorded(), recorded(), recorded(), restarted()]);
};
