import { strict as assert } from 'node:assert';
import { run } from '../support/processes';

describe('readers with a finer interval', () => {
  it('that come one after the other restart the sampler once', async () => {
    const child = run(
      process.execPath,
      [
        '--eval',
        `
        const { sharedCollector } = require('@rulescope/profiler');
        const { TimeProfiler } = require('@datadog/pprof/out/src/time-profiler-bindings');
        const { start } = TimeProfiler.prototype;
        let starts = 0;
        TimeProfiler.prototype.start = function () { starts++; start.call(this); };
        const collector = sharedCollector({ windowMillis: 600_000 });
        const consumer = collector.addConsumer('c', () => undefined);
        const intervals = [];
        for (let i = 0; i < 5; i++) {
          intervals.push(collector.openSpan({ samplingIntervalMicros: 4_999 }).close().samplingIntervalMicros);
        }
        void consumer.remove();
        console.log(JSON.stringify({ starts, intervals }));
        `,
      ],
      { cwd: __dirname },
    );
    assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
    assert.deepEqual(JSON.parse(child.output()), { starts: 2, intervals: Array(5).fill(4_999) });
  });
});
