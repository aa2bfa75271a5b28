import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import type { Work } from '../Work';
import { exponential } from '../random';
import type { Rule } from '../rules';
import type { Stop } from './Driver';

/** Minimum mean length of a chain. */
const MIN_BURSTS = 4;
/** Minimum mean pause after a chain. Chains are long enough to need such a pause. */
const MIN_PAUSE_MILLIS = 4;
/** Share of the bursts in a chain of microtasks after which the event loop gets a turn. */
const LOOP_TURNS = 0.25;

/** Runs chains of bursts of random rules. Each burst has its own `setImmediate`. */
export function driveImmediates(work: Work): Stop {
  return driveChains(
    work,
    (rule) =>
      new Promise((resolve) => {
        work.withRule(rule.id, () =>
          setImmediate(() => {
            work.burst(rule);
            resolve();
          }),
        );
      }),
  );
}

/** Runs chains of bursts of random rules in microtasks. */
export function driveMicrotasks(work: Work): Stop {
  return driveChains(work, async (rule) => {
    await work.withRule(rule.id, async () => {
      await Promise.resolve();
      work.burst(rule);
    });
    if (Math.random() < LOOP_TURNS) await immediate();
  });
}

function driveChains(work: Work, link: (rule: Rule) => Promise<void>): Stop {
  const { load, meanBurstMillis } = work;
  const pausePerBurst = (meanBurstMillis * (1 - load)) / load;
  const bursts = load === 1 ? Infinity : Math.max(MIN_BURSTS, MIN_PAUSE_MILLIS / pausePerBurst);
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      let count = 0;
      for (const length = exponential(bursts); count < length && !stopped; count++) {
        await link(work.draw());
      }
      await sleep(exponential(count * pausePerBurst));
    }
  };
  void run();
  return () => {
    stopped = true;
  };
}
