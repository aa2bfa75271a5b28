import { setInterval as intervals, setTimeout as sleep, scheduler } from 'node:timers/promises';
import type { Scenario } from '../Scenario';
import type { Stage } from '../Stage';

/** Scenario of a deferred callback: it must run in the rule that called `defer`. */
function callback(name: string, defer: (fn: () => void) => void): Scenario {
  return {
    name,
    async run(stage) {
      const later = (rule: string): Promise<void> =>
        new Promise((resolve) => {
          stage.withRule(rule, () =>
            defer(() => {
              stage.burn(rule);
              resolve();
            }),
          );
        });
      const both = [later('a'), later('b')];
      stage.burn();
      await Promise.all(both);
      stage.burn();
    },
  };
}

/** Scenario of a later promise: a rule that awaits it must continue as the same rule. */
function promised(name: string, pause: () => Promise<unknown>): Scenario {
  return {
    name,
    async run(stage) {
      await Promise.all(['a', 'b'].map((rule) => stage.withRule(rule, () => go(stage, rule))));
      stage.burn();
    },
  };
  async function go(stage: Stage, rule: string): Promise<void> {
    await pause();
    stage.burn(rule);
  }
}

export const timers: readonly Scenario[] = [
  callback('process.nextTick', (fn) => process.nextTick(fn)),
  callback('queueMicrotask', queueMicrotask),
  callback('setImmediate', setImmediate),
  callback('setTimeout', (fn) => setTimeout(fn, 1)),
  callback('setInterval', (fn) => {
    const timer = setInterval(() => {
      clearInterval(timer);
      fn();
    }, 1);
  }),
  callback('setTimeout().refresh() from outside', (fn) => {
    const timer = setTimeout(fn, 2);
    process.nextTick(() => timer.refresh());
  }),
  promised('timers/promises setTimeout', () => sleep(1)),
  promised('scheduler.wait', () => scheduler.wait(1)),
  {
    name: 'timers/promises setInterval',
    async run(stage) {
      await stage.withRule('a', async () => {
        let turns = 0;
        for await (const _ of intervals(1)) {
          stage.burn('a');
          if (++turns === 2) break;
        }
      });
      stage.burn();
    },
  },
  {
    name: 'rule left while its timer is pending',
    async run(stage) {
      let fired = (): void => undefined;
      const done = new Promise<void>((resolve) => (fired = resolve));
      stage.withRule('a', () => {
        setTimeout(() => {
          stage.burn('a');
          fired();
        }, 1);
      });
      stage.withRule('b', () => stage.burn('b'));
      stage.burn();
      await done;
      stage.burn();
    },
  },
];
