import { strict as assert } from 'node:assert';
import { scenario } from '../support/shutdown/scenario';

interface State {
  readonly running: boolean;
  readonly consumers: number;
  readonly threads: number;
  readonly hooks: number;
}

const NOTHING: State = { running: false, consumers: 0, threads: 0, hooks: 0 };

describe('sampling', () => {
  it('ends with the SDK: no consumer, no sampling thread and no async hook remains', async () => {
    const { during, after } = await scenario<{ during: State; after: State }>('after');
    assert.deepEqual([during.running, during.consumers, during.threads], [true, 1, 1]);
    assert.deepEqual(after, NOTHING);
  });

  it('ends with the SDK also if enable() is called meanwhile', async () => {
    assert.deepEqual(await scenario<State[]>('enableAtTheEnd'), [NOTHING, NOTHING]);
  });

  it('ends when the last reader is shut down', async () => {
    assert.deepEqual(await scenario<State>('noReader'), NOTHING);
  });
});
