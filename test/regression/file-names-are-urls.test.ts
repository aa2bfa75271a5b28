import { strict as assert } from 'node:assert';
import { runProgram } from '../support/runProgram';

/** Records all kinds of profiles while an ES module and a CommonJS script work. */
const MAIN = `
  const { join } = require('node:path');
  const { pathToFileURL } = require('node:url');
  const { sharedCollector } = load('profiler');
  const { toPprof } = load('pprof');
  const { startLineProfile } = load('lines');
  const { openHeap } = load('heap');
  const { time, heap } = load('datadog');

  /** Returns the files of the functions, by function. */
  function filesOf({ function: functions, stringTable: { strings } }) {
    const files = { inModule: [], inScript: [] };
    for (const { name, filename } of functions) {
      const [text, file] = [strings[Number(name)], strings[Number(filename)]];
      if (Object.hasOwn(files, text) && !files[text].includes(file)) files[text].push(file);
    }
    return files;
  }

  (async () => {
    const { inModule } = await import(pathToFileURL(join(__dirname, 'module.mjs')).href + '?v=1#x');
    const { inModule: again } = await import(pathToFileURL(join(__dirname, 'module.mjs')).href + '?v=2');
    const { inScript } = require('./script%20.cjs');
    const span = sharedCollector().openSpan({ samplingIntervalMicros: 2_003 });
    const lines = startLineProfile();
    const memory = openHeap({ intervalBytes: 1024 });
    time.start({ intervalMicros: 2_003 });
    const dropInLines = time.profile({ lineNumbers: true, intervalMicros: 2_003, durationMillis: 1 });
    heap.start(1024, 64);
    for (const work of [inModule, again, inScript]) globalThis.kept = work();
    const profiles = {
      time: toPprof(span.close()),
      lines: lines.stop(),
      heap: memory.profile(),
      'drop-in time': time.stop(),
      'drop-in lines': await dropInLines,
      'drop-in heap': heap.profile(),
      'drop-in heap, second way': heap.profileV2(),
    };
    memory.close();
    heap.stop();
    const files = Object.entries(profiles).map(([kind, profile]) => [kind, filesOf(profile)]);
    const expected = { inModule: [join(__dirname, 'module.mjs')], inScript: [join(__dirname, 'script%20.cjs')] };
    console.log(JSON.stringify({ files: Object.fromEntries(files), expected }));
  })();
`;

/** Uses CPU until there are enough samples, and keeps memory. */
const work = (name: string): string => `
  function ${name}() {
    const kept = [];
    const before = process.cpuUsage();
    while (process.cpuUsage(before).user < 150_000) {
      for (let i = 0; i < 1_000; i++) kept[i] = { i, text: 'text ' + i };
    }
    return kept;
  }
`;

describe('file names in profiles', function () {
  this.timeout(60_000);

  it('are paths of the file system, the same in every kind of profile', async () => {
    const { files, expected } = await runProgram<{
      files: Record<string, unknown>;
      expected: unknown;
    }>(
      {
        'main.cjs': MAIN,
        'module.mjs': `${work('inModule')} export { inModule };`,
        'script%20.cjs': `${work('inScript')} module.exports = { inScript };`,
      },
      // V8 would inline the functions in some runs and not in others.
      ['--no-opt', '--no-maglev'],
    );
    assert.equal(Object.keys(files).length, 7);
    for (const [kind, found] of Object.entries(files)) assert.deepEqual(found, expected, kind);
  });
});
