import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Scenario } from '../Scenario';

export const promises: readonly Scenario[] = [
  {
    name: 'await chain',
    async run(stage) {
      await stage.withRule('a', async () => {
        await Promise.resolve();
        stage.burn('a');
        await nextTurn();
        stage.burn('a');
      });
      stage.burn();
    },
  },
  {
    name: 'then, catch and finally',
    async run(stage) {
      await stage.withRule('a', () =>
        Promise.reject(new Error('expected'))
          .catch(() => stage.burn('a'))
          .then(() => stage.burn('a'))
          .finally(() => stage.burn('a')),
      );
      stage.burn();
    },
  },
  {
    name: 'then on a promise of another rule',
    async run(stage) {
      const { promise, resolve } = deferred();
      const both = [
        stage.withRule('a', () => promise.then(() => stage.burn('a'))),
        stage.withRule('b', () => promise.then(() => stage.burn('b'))),
      ];
      stage.withRule('c', () => {
        resolve();
        stage.burn('c');
      });
      await Promise.all(both);
      stage.burn();
    },
  },
  ...(['all', 'allSettled', 'race', 'any'] as const).map((name): Scenario => ({
    name: `Promise.${name}`,
    async run(stage) {
      const work = (rule: string): Promise<void> =>
        stage.withRule(rule, async () => {
          await nextTurn();
          stage.burn(rule);
        });
      const [a, b] = [work('a'), work('b')];
      await stage.withRule('c', async () => {
        await (Promise[name] as (all: Promise<void>[]) => Promise<unknown>)([a, b]);
        stage.burn('c');
      });
      await b;
      stage.burn();
    },
  })),
  {
    name: 'thenable',
    async run(stage) {
      await stage.withRule('a', async () => {
        const thenable = {
          then(resolve: (value: unknown) => void): void {
            stage.burn('a');
            setImmediate(resolve);
          },
        };

        await thenable;
        stage.burn('a');
      });
      stage.burn();
    },
  },
  {
    name: 'async iterator',
    async run(stage) {
      async function* numbers(): AsyncGenerator<number> {
        for (let i = 0; i < 2; i++) {
          await nextTurn();
          // A generator runs in the flow that requests the next value.
          stage.burn('a');
          yield i;
        }
      }
      await stage.withRule('a', async () => {
        for await (const _ of numbers()) stage.burn('a');
      });
      stage.burn();
    },
  },
  {
    name: 'generator made in one rule, driven in another',
    run(stage) {
      function* work(): Generator<undefined> {
        stage.burn('b');
        yield;
      }
      const generator = stage.withRule('a', work);
      stage.withRule('b', () => generator.next());
      stage.burn();
    },
  },
  {
    name: 'interleaved flows',
    async run(stage) {
      const flow = async (rule: string): Promise<void> => {
        for (let turn = 0; turn < 3; turn++) {
          stage.burn(rule);
          await nextTurn();
        }
      };
      await Promise.all(['a', 'b'].map((rule) => stage.withRule(rule, () => flow(rule))));
      stage.burn();
    },
  },
  {
    name: 'rejection through a rule',
    async run(stage) {
      await stage.withRule('outer', async () => {
        await stage
          .withRule('inner', async () => {
            await nextTurn();
            stage.burn('inner');
            throw new Error('expected');
          })
          .catch(() => stage.burn('outer'));
        stage.burn('outer');
      });
    },
  },
];

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((fulfill) => (resolve = fulfill));
  return { promise, resolve };
}
