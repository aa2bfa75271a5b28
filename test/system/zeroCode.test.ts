import { strict as assert } from 'node:assert';
import { dirname } from 'node:path';
import { eventually } from '../support/processes';
import { rulesAt, runNode, servedBy } from '../support/zeroCode';

const ZERO_CODE = dirname(require.resolve('@rulescope/example-zero-code/package.json'));

describe('examples/zero-code', () => {
  it('shows the CPU of its routes', async () => {
    const app = runNode(ZERO_CODE, ['--import', 'rulescope/register', 'app.js'], { PORT: '0' });
    const [, url] = await app.waitFor(/^(http:\S+)$/m);
    const metrics = await servedBy(app);
    const rules = await eventually('samples of both routes', async () => {
      const answers = ['/reports', '/items/7'].map((path) =>
        fetch(url! + path).then((answer) => answer.json()),
      );
      assert.deepEqual(await Promise.all(answers), [
        { primes: 13_848 },
        { id: '7', primes: 6_935 },
      ]);
      const found = Object.keys(await rulesAt(metrics, 1));
      return found.length < 2 ? undefined : found;
    });
    assert.deepEqual(rules.sort(), ['GET /items/:id', 'GET /reports']);
    await app.stop();
  });
});
