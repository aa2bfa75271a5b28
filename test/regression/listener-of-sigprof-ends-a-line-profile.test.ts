import { strict as assert } from 'node:assert';
import { run } from '../support/processes';

describe('a profile by line', () => {
  it('goes on when the application adds a listener of SIGPROF', async () => {
    const program = `
      const { startLineProfile } = require('@rulescope/profiler/lines');
      const first = (millis) => { for (const end = Date.now() + millis; Date.now() < end;); };
      const second = (millis) => { for (const end = Date.now() + millis; Date.now() < end;); };
      const run = startLineProfile();
      first(300);
      process.on('SIGPROF', () => undefined);
      second(600);
      const { sample, location, function: functions, stringTable } = run.stop();
      const counts = { first: 0, second: 0 };
      for (const { locationId: [leaf], value: [count] } of sample) {
        const { functionId } = location.find(({ id }) => id === leaf).line[0];
        const { name } = functions.find(({ id }) => id === functionId);
        counts[stringTable.strings[name]] += Number(count);
      }
      console.log(JSON.stringify(counts));
      process.exit();
    `;
    const child = run(process.execPath, ['--eval', program], { cwd: __dirname });
    assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
    const { first, second } = JSON.parse(child.output()) as { first: number; second: number };
    // The second half takes twice as long. Without the signals it has none or one. Other load makes
    // rates differ.
    assert.ok(second > 10 || second > first / 5, child.output());
  });
});
