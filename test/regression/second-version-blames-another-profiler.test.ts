import { strict as assert } from 'node:assert';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from '../support/program';

const PROFILER = dirname(require.resolve('@rulescope/profiler/package.json'));

describe('a second version of rulescope', () => {
  // Below this file, where the dependencies of the package are found.
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(__dirname, 'second-version-'));
    for (const part of ['build/src', 'package.json']) {
      cpSync(join(PROFILER, part), join(directory, part), { recursive: true });
    }
    const file = join(directory, 'build/src/thread/threadLabels.js');
    const source = readFileSync(file, 'utf8');
    const changed = source.replace('THREAD_VERSION = 1', 'THREAD_VERSION = 1000');
    assert.notEqual(changed, source);
    writeFileSync(file, changed);
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const [when, prepare] of [
    ['loaded while the first one samples', ''],
    ['that loaded its sampler before', 'first.samplerSupport(); second.samplerSupport();'],
  ] as const) {
    it(`${when} gets an error that names the cause, and the user one warning`, async () => {
      const { json, codes, warnings, output } = await runProgram(`
        const first = require('@rulescope/profiler');
        const second = require(${JSON.stringify(directory)});
        ${prepare}
        const collect = (copy) => {
          const collector = copy.sharedCollector({ windowMillis: 600_000 });
          return [collector, collector.addConsumer('test', () => {})];
        };
        const collecting = [first, second].map(collect);
        json(collecting.map(([{ startFailure }]) => startFailure?.message ?? null));
        for (const [, consumer] of collecting) void consumer.remove();
      `);
      const [[ofFirst, ofSecond]] = json as [[string | null, string]];
      assert.equal(ofFirst, null, output);
      assert.match(ofSecond, /^another version of rulescope is sampling this thread\. .*npm ls/);
      assert.equal(codes.filter((code) => code === 'RULESCOPE_VERSIONS').length, 1, output);
      assert.match(warnings.join('\n'), /two versions of rulescope are loaded.*npm ls/);
      assert.doesNotMatch(output, /routeDatadogPprof|copy of @datadog\/pprof/);
    });
  }

  it('samples once the first one has stopped', async () => {
    const { json, output } = await runProgram(`
      const first = require('@rulescope/profiler');
      const second = require(${JSON.stringify(directory)});
      first.samplerSupport();
      second.samplerSupport();
      void first.sharedCollector().addConsumer('first', () => {}).remove();
      const collector = second.sharedCollector();
      const consumer = collector.addConsumer('second', () => {});
      json([collector.running, collector.startFailure?.message ?? null]);
      void consumer.remove();
    `);
    assert.deepEqual(json, [[true, null]], output);
  });
});
