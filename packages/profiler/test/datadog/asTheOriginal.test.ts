import assert from 'node:assert/strict';
import type * as original from '@datadog/pprof';
import { type GenerateTimeLabelsArgs, heap, time } from '../../src/datadog';
import { runInChild } from '../support/runInChild';

/** Whether the original supports `useCPED` on this Node.js. Ours supports it on every version. */
const ORIGINAL_HAS_CPED = Number(process.versions.node.split('.')[0]) >= 24;

/** Works under `time` and prints the profiles without the figures that change from run to run. */
const WORK = `
  const { AsyncLocalStorage } = require('node:async_hooks');
  function alpha() { spin(); }
  function beta() { spin(); }
  function spin() {
    // 40 ms of CPU are 20 samples. Without contexts, the original does not count samples.
    const before = process.cpuUsage();
    let x = 1;
    while (process.cpuUsage(before).user < 40_000) for (let i = 0; i < 10_000; i++) x = Math.sqrt(x + i);
  }
  const look = (profile) => {
    const text = (index) => profile.stringTable.strings[Number(index)];
    const type = ({ type, unit }) => text(type) + '/' + text(unit);
    const names = profile.function.map(({ name }) => text(name));
    const labels = profile.sample.flatMap(({ label }) => label.map(({ key, str, num }) => text(key) + '=' + (text(str) || num)));
    const values = profile.sample.map(({ value }) => value.map(Number));
    return {
      class: profile.constructor.name,
      sampleTypes: profile.sampleType.map(type),
      periodType: type(profile.periodType),
      periodInBounds: Number(profile.period) >= 2_003_000 && Number(profile.period) <= 4_006_000,
      durationIsThat: Number(profile.durationNanos) > 10e6,
      defaultSampleType: text(profile.defaultSampleType),
      comments: profile.comment.map(text),
      mappings: profile.mapping.length,
      found: ['alpha', 'beta', '(program)', '(root)'].filter((name) => names.includes(name)),
      files: [...new Set(profile.function.filter(({ name }) => text(name) === 'alpha').map(({ filename }) => text(filename)))],
      lines: [...new Set(profile.location
        .filter(({ line }) => text(profile.function[Number(line[0].functionId) - 1].name) === 'alpha')
        .map(({ line }) => line[0].line + ':' + line[0].column))],
      // On a busy machine, a sample can come before the first context is set.
      labels: [...new Set(labels)].filter((label) => label !== 'own=none').sort(),
      // Each sample stands for one period, or for no time while the thread waits.
      wallIsCountTimesPeriod: values.every(([count, wall]) => wall === count * Number(profile.period) || wall === 0),
      hasCpu: values.some(([, , cpu]) => cpu > 0),
    };
  };
  const sourceMapper = {
    mappingInfo: (place) => place.name === 'alpha'
      ? { ...place, file: '/alpha.ts', line: 77, column: 5, missingMapFile: true } : place,
  };
  const results = {};
  const attempt = (name, fn) => {
    try { results[name] = fn(); } catch ({ message }) { results[name] = message; }
  };
  // A busy machine may take no sample in 40 ms. Then this tries again.
  const record = (...args) => {
    let result;
    for (let tries = 0; tries < 20; tries++) {
      result = recordOnce(...args);
      if (result.found.length === 2) break;
    }
    return result;
  };
  const recordOnce = (options, context = () => undefined, ...rest) => {
    time.start({ intervalMicros: 2_003, ...options });
    context({ job: 'a', size: 5, hidden: {} });
    alpha();
    context({ job: 'b' });
    beta();
    return look(time.stop(false, ...rest));
  };
  const set = (context) => time.setContext(context);
  attempt('plain', () => record({}));
  attempt('unasked contexts', () => record({}, set));
  attempt('contexts', () => record({ withContexts: true }, set));
  attempt('cpu', () => record({ withContexts: true, collectCpuTime: true }, set));
  // The original ignores setContext in a flow without a value; ours accepts it.
  attempt('flows', () => new AsyncLocalStorage().run(1, () => record({ withContexts: true, useCPED: true }, set)));
  attempt('generated', () => record({ withContexts: true }, set, ({ node, context }) => ({
    own: context?.context?.job ?? 'none', function: node.name === 'spin', kind: typeof context?.timestamp,
  }), ['own']));
  /** Records and returns what generateLabels got for the function \`spin\`, without the figures. */
  const argumentsOf = (options) => {
    const seen = new Set();
    record({ withContexts: true, ...options }, set, ({ node, context, ...rest }) => {
      if (node.name !== 'spin' || context === undefined) return {};
      const { timestamp, cpuTime, asyncId, ...other } = context;
      // On a busy machine, a sample can come before the first context is set. In native code, no
      // async id is executing.
      if (context.context.job === 'a' && asyncId !== -1) {
        seen.add(JSON.stringify([
          Object.keys(node).sort(), typeof node.hitCount, Array.isArray(node.children), Array.isArray(node.contexts),
          Object.keys(context).sort(), typeof timestamp, typeof cpuTime, asyncId, other, rest,
        ]));
      }
      return {};
    });
    return [...seen];
  };
  attempt('arguments', () => argumentsOf({}));
  attempt('arguments with cpu', () => argumentsOf({ collectCpuTime: true }));
  attempt('arguments with async ids', () => argumentsOf({ collectAsyncId: true }));
  attempt('async ids without contexts', () => {
    try { time.start({ collectAsyncId: true }); } catch (error) { return error instanceof TypeError; }
  });
  attempt('no options', () => { for (const none of [undefined, null, {}]) { time.start(none); time.stop(); } });
  for (const columnNumbers of ['drop', 'emit']) {
    attempt('mapped ' + columnNumbers, () => record({ sourceMapper, columnNumbers }));
  }
  attempt('twice', () => { time.start(); try { time.start(); } finally { time.stop(); } });
  attempt('restart', () => {
    time.start({ intervalMicros: 1_009 });
    alpha();
    time.stop(true);
    beta();
    const profile = time.stop();
    const ids = profile.function.filter(({ name }) => profile.stringTable.strings[name] === 'alpha').map(({ id }) => id);
    const places = profile.location.filter(({ line }) => ids.includes(line[0].functionId)).map(({ id }) => id);
    const hits = profile.sample.filter(({ locationId }) => locationId.some((id) => places.includes(id))).length;
    // One signal may be pending at the boundary.
    return hits < 3;
  });
  attempt('started', () => { time.start(); try { return [time.isStarted(), time.getContext() === undefined]; } finally { time.stop(); } });
  attempt('constants', () => time.constants);
  attempt('names', () => Object.keys(time).sort());
  console.log(JSON.stringify(results, (_, value) => typeof value === 'bigint' ? Number(value) : value));
`;

describe('time, compared with the original', () => {
  it('fits the types of the original', () => {
    // Other objects of the original, such as its SourceMapper, are of a class with private fields.
    type Replaced<T> = Omit<T, 'start' | 'profile' | 'profileV2'>;
    const times: Replaced<typeof original.time> = time;
    const heaps: Pick<typeof original.heap, 'start' | 'stop'> = heap;
    assert.ok(times && heaps);
    // A callback that was written for the original.
    type Labels = NonNullable<Parameters<typeof original.time.stop>[1]>;
    const seen: GenerateTimeLabelsArgs[] = [];
    const labels: Labels = (args) => ({ name: args.node.name ?? '' });
    time.start();
    time.stop(true, labels);
    time.stop(false, (args) => {
      seen.push(args);
      return {};
    });
    assert.equal(time.isStarted(), false);
  });

  it('gives the same results for the same work', async function () {
    this.timeout(60_000);
    // Without these options, V8 inlines functions in some runs and not in others.
    const nodeOptions = ['--no-opt', '--no-maglev'];
    const children = ["require('@datadog/pprof')", "load('datadog')"].map((from) =>
      runInChild(`const { time } = ${from};${WORK}`, { nodeOptions, limitMillis: 55_000 }),
    );
    const [original, ours] = (await Promise.all(children)).map(({ stdout, stderr }) => {
      assert.equal(stderr, '');
      return JSON.parse(stdout) as Record<string, unknown>;
    });
    assert.ok(original !== undefined && ours !== undefined);
    if (!ORIGINAL_HAS_CPED) {
      assert.match(String(original['flows']), /useCPED is not supported|^\[object/);
      original['flows'] = ours['flows'];
    }
    assert.deepEqual(ours, original);
  });
});
