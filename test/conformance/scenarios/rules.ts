import type { Scenario } from '../Scenario';

export const rules: readonly Scenario[] = [
  {
    name: 'nested rules',
    run(stage) {
      stage.withRule('outer', () => {
        stage.burn('outer');
        stage.withRule('inner', () => stage.burn('inner'));
        stage.burn('outer');
      });
      stage.burn();
    },
  },
  {
    name: 'nested rules, asynchronous',
    async run(stage) {
      await stage.withRule('outer', async () => {
        await stage.withRule('inner', async () => {
          await Promise.resolve();
          stage.burn('inner');
        });
        stage.burn('outer');
      });
      stage.burn();
    },
  },
  {
    name: 'throw through a rule',
    run(stage) {
      stage.withRule('outer', () => {
        try {
          stage.withRule('inner', () => {
            stage.burn('inner');
            throw new Error('expected');
          });
        } catch {
          stage.burn('outer');
        }
      });
      stage.burn();
    },
  },
  {
    name: 're-entry of the same rule',
    async run(stage) {
      await stage.withRule('a', async () => {
        stage.withRule('a', () => stage.burn('a'));
        stage.burn('a');
        await stage.withRule('a', async () => {
          await Promise.resolve();
          stage.burn('a');
        });
        stage.burn('a');
      });
      stage.burn();
    },
  },
  {
    name: 'rule ids that are hard to carry',
    run(stage) {
      for (const rule of ['constructor', '__proto__', 'with "quotes"\n', 'ümlaut 規則 🦑', ' ']) {
        stage.withRule(rule, () => stage.burn(rule));
      }
      stage.burn();
    },
  },
  {
    name: 'rule entered in a callback of another',
    async run(stage) {
      await stage.withRule(
        'a',
        () =>
          new Promise<void>((resolve) => {
            setImmediate(() => {
              stage.withRule('b', () => {
                stage.burn('b');
                setImmediate(() => {
                  stage.burn('b');
                  resolve();
                });
              });
              stage.burn('a');
            });
          }),
      );
      stage.burn();
    },
  },
];
