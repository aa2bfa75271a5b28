/** Everybody who reads windows in the application: consumers good and bad, spans, the drop-in API. */
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

/** Sum of the parts into which the CPU of a window of the main thread is divided. */
function ledger(window: ProfileWindow): number {
  const { labels, unlabeled, gc, runtime, otherThreads } = attributeCpu(window, 'rule');
  return [...labels.values(), unlabeled, gc, runtime, otherThreads].reduce(
    (sum, { cpuSeconds }) => sum + cpuSeconds,
    0,
  );
}

export const LOST_WITH_WORKERS = 'windows lost with a terminated worker';

/** Looks at every window: none is missing, and their CPU is that of the process. */
class Accountant {
  windows = 0;
  private cpu = 0;
  private readonly begun = processSeconds();
  private used = NaN;
  /** Of each thread. Not the windows themselves: there are hundreds of workers. */
  private readonly lastOf = new Map<number, { sequence: number; endTime: number }>();

  constructor(private readonly tally: Tally) {}

  take(window: ProfileWindow): void {
    const { tally } = this;
    const { threadId } = window.origin;
    const last = this.lastOf.get(threadId);
    this.lastOf.set(threadId, { sequence: window.sequence, endTime: window.endTime });
    this.windows++;
    tally.count(threadId === 0 ? 'windows' : 'windows of workers');
    tally.count('samples', window.samples.taken);
    tally.count('samples lost', window.samples.lost);
    if (window.incompleteReason !== undefined) {
      tally.count(`incomplete (${window.incompleteReason}), their CPU counted`);
    }
    tally.count(LOST_WITH_WORKERS, window.error?.name === 'WorkerLostError' ? 1 : 0);
    if (last !== undefined) {
      const missing = window.sequence - last.sequence - 1;
      tally.check(missing === 0, `${missing} windows of thread ${threadId} are missing`);
    }
    // An incomplete window says so itself; what fails is another matter.
    const { error, sequence } = window;
    const known = error === undefined || error.name === 'WorkerLostError';
    tally.check(known, `window ${sequence} of thread ${threadId}: ${error?.message}`);
    if (threadId !== 0) return;
    if (last !== undefined) {
      const gap = window.startTime - last.endTime;
      tally.check(gap === 0, `${gap} ms between windows ${last.sequence} and ${window.sequence}`);
    }
    const parts = ledger(window);
    const { processSeconds: used } = window.cpu;
    tally.check(Math.abs(parts - used) < 1e-6, `of ${used} s in a window ${parts} s are divided`);
    this.cpu += parts;
  }

  /** To be called when the last window is closed; it may arrive later. */
  end(): void {
    this.used = processSeconds() - this.begun;
  }

  settle(): void {
    const { tally, cpu, used } = this;
    const off = Math.abs(cpu - used) / used;
    tally.check(off < 0.001, `the windows have ${cpu} s of CPU, the process used ${used} s`);
  }
}

/** Waits for a window of the thread. @returns Whether one came before long. */
export async function firstWindowOf(threadId: number): Promise<boolean> {
  const came = new AbortController();
  const consumer = collector.addConsumer('first window', ({ origin }) => {
    if (origin.threadId === threadId) came.abort();
  });
  await pause(30_000, came.signal);
  await consumer.remove();
  return came.signal.aborted;
}

/** A consumer whose deliveries are counted. */
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

/** Consumers that throw, reject and sleep through windows, beside one that looks at each. What these miss, they are told. */
export const consumers: Stressor = async (tally, ended) => {
  let thrown = 0;
  const thrower = addCounted('throws', () => {
    if (Math.random() < 0.5) return;
    thrown++;
    throw new Error('as it is meant to');
  });
  let rejected = 0;
  const rejecter = addCounted('rejects', async () => {
    await Promise.resolve();
    rejected++;
    throw new Error('as it is meant to');
  });
  const sleeper = addCounted('sleeps', () => pause(between(0, 15_000), ended));
  const accountant = new Accountant(tally);
  const accounted = collector.addConsumer('accountant', (window) => accountant.take(window));
  while (!ended.aborted) await pause(1_000, ended);

  const all = [thrower, rejecter, sleeper];
  // In one turn: what is closed by their going, they have in common.
  const removals = [accounted, ...all.map(({ consumer }) => consumer).toReversed()].map((each) => {
    const removal = each.remove();
    if (each === accounted) accountant.end();
    return removal;
  });
  await Promise.all(removals);
  accountant.settle();
  all.toReversed().forEach(({ consumer, received, missed }, i) => {
    // A window is closed when somebody comes and when somebody goes, and those who are there have it.
    const offered = accountant.windows + 2 * (i + 1);
    const { name, dropped } = consumer;
    tally.check(dropped === missed, `${name}: told of ${missed} windows, ${dropped} were dropped`);
    const found = received + dropped;
    tally.check(found === offered, `${name}: ${found} windows of ${offered}`);
  });
  tally.count('dropped, as they were told', sleeper.consumer.dropped);
  for (const { consumer } of [thrower, rejecter]) {
    tally.check(consumer.dropped === 0, `${consumer.name}: ${consumer.dropped} dropped`);
  }
  tally.check(accounted.dropped === 0 && accounted.failed === 0, 'the accountant missed windows');
  tally.check(thrower.consumer.failed === thrown, `${thrower.consumer.failed} of ${thrown} throws`);
  tally.check(rejecter.consumer.failed === rejected, `${rejecter.consumer.failed} rejections`);
  tally.count('failures of consumers', thrown + rejected);
};

/** Consumers come and go. Each has its whole time, in windows without a gap. */
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

/** Spans that overlap, at several sampling intervals. Each has its own time and no other. */
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
        `a span of ${durationMillis} ms in place of ${to - from} ms to ${after - before} ms`,
      );
      if (incompleteReason !== undefined) tally.count(`incomplete (${incompleteReason})`);
      tally.check(error === undefined, `a span failed: ${error?.message}`);
      await pause(between(0, 2_000), ended);
    }
  };
  await Promise.all([10_101, 10_101, 4_999, 1_999].map(one));
};

/** `time` of the drop-in API: recordings that overlap, and one that is stopped and goes on. */
export const dropIn: Stressor = async (tally, ended) => {
  const counted = ({ sample }: { sample: { value: (number | bigint)[] }[] }): number =>
    sample.reduce((sum, { value }) => sum + Number(value[0]), 0);
  const recorded = async (): Promise<void> => {
    while (!ended.aborted) {
      const profile = await time.profile({
        durationMillis: between(500, 3_000),
        intervalMicros: 5_003,
      });
      tally.count('profiles');
      tally.check(counted(profile) > 0, 'a profile without samples');
      await pause(between(0, 2_000), ended);
    }
  };
  const restarted = async (): Promise<void> => {
    time.start({ intervalMicros: 9_973, withContexts: true, useCPED: true });
    while (!ended.aborted) {
      await pause(5_000, ended);
      tally.count('stopped and gone on');
      tally.check(counted(time.stop(true)) > 0, 'a profile without samples');
    }
    time.stop();
  };
  await Promise.all([recorded(), recorded(), recorded(), restarted()]);
};
