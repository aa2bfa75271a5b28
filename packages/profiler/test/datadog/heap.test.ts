import assert from 'node:assert/strict';
import type * as pprof from '@datadog/pprof';
import { heap } from '../../src/datadog/heap';
import { heapSupport, openHeap } from '../../src/heap/openHeap';
import { holder } from '../support/allocate';
import { figureOf } from '../support/heapFigures';
import { runInChild } from '../support/runInChild';

/** The type of the drop-in is the type of the original. */
const typedAsOriginal: typeof pprof.heap = heap;

const ORIGINAL = "require('@datadog/pprof').heap";
const OURS = "load('datadog/heap').heap";
const ALLOCATIONS = [false, ...(heapSupport().allocations ? [true] : [])];

/** Runs `script` with `heap` set to `expression`, and returns what the script showed. */
async function shownBy(expression: string, script: string): Promise<unknown> {
  const { code, stdout, stderr } = await runInChild(`
    const heap = ${expression};
    const shown = [];
    const show = (...values) => shown.push(values);
    const attempt = (fn) => { try { show(fn()) } catch (error) { show(error instanceof TypeError, error.message) } };
    ${script}
    console.log(JSON.stringify(shown, (_, value) => value === undefined ? 'undefined' : value));
  `);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return JSON.parse(stdout);
}

async function assertSame(script: string): Promise<void> {
  const [original, ours] = await Promise.all([shownBy(ORIGINAL, script), shownBy(OURS, script)]);
  assert.deepEqual(ours, original);
}

/** Functions for scripts. They show random figures only as present or absent. */
const TOOLS = `
  const text = (profile, index) => profile.stringTable.strings[Number(index)];
  const show50 = (name, profile) => {
    const { sample, location, function: functions, sampleType } = profile;
    const nameOf = (id) => text(profile, functions[Number(location[Number(id) - 1].line[0].functionId) - 1].name);
    const own = sample.filter(({ locationId }) => nameOf(locationId[0]) === name);
    const sums = sampleType.map((_, i) => own.reduce((sum, { value }) => sum + Number(value[i]), 0));
    // 50 MB at 64 kB: 800 samples, a standard error of 3.5 %, so a factor of 2 is never reached.
    show(name, sums.map((sum, i) => sum > (text(profile, sampleType[i].unit) === 'bytes' ? 25e6 : 25e3)));
    show(own[0].locationId.map(nameOf).filter((frame) => frame.includes('hold')));
    show(functions.filter((f) => text(profile, f.name) === name).map((f) => text(profile, f.filename)));
    show(own[0].label.map(({ key, str, num }) => [text(profile, key), text(profile, str), String(num)]));
  };
  const showHead = (profile) => {
    show(Object.keys(profile).sort(), profile.constructor.name, Number(profile.period), profile.mapping, profile.comment);
    show(text(profile, profile.periodType.type), profile.sampleType.map(({ type, unit }) => [text(profile, type), text(profile, unit)]));
    show(Math.abs(Number(profile.timeNanos) / 1e6 - Date.now()) < 10_000, Number(profile.durationNanos));
    show(profile.function.some((f) => text(profile, f.name) === '(external)'));
  };
  const vm = require('node:vm');
  const holds = vm.runInThisContext(\`(function holds50() {
    const all = new Array(50000);
    for (let i = 0; i < 50000; i++) all[i] = new Array(126).fill(i);
    return all;
  })\`, { filename: '/app/holds.js' });
  globalThis.buffer = Buffer.alloc(1e6);
`;

describe('heap, the drop-in', () => {
  afterEach(() => heap.stop());

  it('has the members of the original', async () => {
    assert.equal(typedAsOriginal, heap);
    await assertSame(`
      show(Object.entries(heap).map(([key, value]) => [key, typeof value]).sort(), heap.CallbackMode);
    `);
  });

  for (const allocations of ALLOCATIONS) {
    it(`returns the profiles of the original, allocations ${allocations}`, () =>
      assertSame(`
        ${TOOLS}
        heap.start(65536, 64, ${allocations});
        globalThis.held = holds();
        let profile = heap.profile();
        showHead(profile);
        show50('holds50', profile);
        const more = holds();
        profile = heap.profile(undefined, undefined, ({ node }) => ({ name: node.name, size: 5 }));
        show50('holds50', profile);
        held.push(holds());
        profile = heap.profile('/app/');
        show(profile.function.some((f) => text(profile, f.filename) === '/app/holds.js'));
        attempt(() => heap.profileV2().sample.length > 0);
        const tree = heap.v8Profile();
        show(Object.keys(tree).sort(), tree.name, tree.scriptId);
        show(heap.convertProfile(tree).sampleType.length);
        const columns = { mappingInfo: (place) => ({ ...place, file: '/src/holds.ts', name: 'holdsTs', missingMapFile: true }) };
        held.push(holds());
        profile = heap.profile(undefined, columns, undefined, 'emit');
        show(profile.comment.map((c) => text(profile, c)), profile.function.some((f) => text(profile, f.filename) === '/src/holds.ts'));
        show(more.length);
        heap.stop();
        show(heap.stop());
      `));
  }

  it('throws the errors of the original', () =>
    assertSame(`
      for (const call of ['profile', 'v8Profile', 'profileV2', 'monitorOutOfMemory']) attempt(() => heap[call]());
      show(heap.stop());
      attempt(() => heap.start('1', 64));
      attempt(() => heap.start(1.5, 64));
      attempt(() => heap.start(2 ** 32, 64));
      attempt(() => heap.start(1024, '64'));
      attempt(() => heap.start(1024, 64, 1));
      if (Number(process.versions.node.split('.')[0]) < 26) attempt(() => heap.start(1024, 64, true));
      attempt(() => heap.start(65536, 32));
      attempt(() => heap.start(1024, 32));
      attempt(() => heap.monitorOutOfMemory(-1, 1, false));
      attempt(() => heap.profile().sampleType.length);
      heap.stop();
      attempt(() => heap.start(1024, 64));
      heap.stop();
    `));

  it('throws for an interval of 0 (the original ends the process)', () => {
    assert.throws(() => heap.start(0, 64), TypeError);
  });

  it('shares the sampler with other readers and does not stop them', () => {
    const other = openHeap({ intervalBytes: 65_536 });
    heap.start(1_048_576, 64);
    const held = holder('seenByBoth', 64).hold();
    const profile = heap.profile();
    assert.equal(Number(profile.period), 65_536);
    heap.stop();
    for (const each of [profile, other.profile()]) {
      assert.ok(figureOf(each, 'inuse_space', 'seenByBoth') > 32e6);
    }
    other.close();
    assert.ok(held);
  });

  if (heapSupport().allocations) {
    it('counts allocations since its last profile, beside a reader that counts all of them', () => {
      const other = openHeap({ intervalBytes: 65_536, allocations: true });
      heap.start(65_536, 64, true);
      holder('allocatesOnce', 64).hold();
      const seen = () => figureOf(heap.profile(), 'alloc_space', 'allocatesOnce');
      assert.ok(seen() > 32e6);
      assert.equal(seen(), 0);
      assert.ok(figureOf(other.profile(), 'alloc_space', 'allocatesOnce') > 32e6);
      heap.stop();
      heap.start(65_536, 64);
      const held = holder('heldLater', 64).hold();
      // profileV2 returns no lazy nodes while another reader counts allocations.
      for (const profile of [heap.profile(), heap.profileV2()]) {
        assert.equal(profile.sampleType.length, 2);
        assert.ok(figureOf(profile, 'inuse_space', 'heldLater') > 32e6);
      }
      other.close();
      assert.ok(held);
    });
  }

  for (const allocations of ALLOCATIONS) {
    it(`delivers a profile before memory runs out, allocations ${allocations}`, async () => {
      // With allocations, the original throws here.
      const { stdout, stderr } = await runInChild(
        `
        // Without this, V8 may give up while the profile is collected, as it does with the
        // original.
        const off = '--no-detect-ineffective-gcs-near-heap-limit';
        require('node:v8').setFlagsFromString(off);
        const { heap } = load('datadog/heap');
        heap.start(65536, 64, ${allocations});
        heap.monitorOutOfMemory(100e6, 1, false, [], (profile) => {
          process._rawDebug('types', profile.sampleType.length);
          process.exit(0);
        }, heap.CallbackMode.Async);
        const leak = [];
        (function more() {
          for (let i = 0; i < 100; i++) leak.push(new Array(1000).fill(i));
          setImmediate(more);
        })();
        `,
        { nodeOptions: ['--max-old-space-size=60'] },
      );
      assert.match(stderr, /NearHeapLimit\(count=1\)[^]*types 2/, stdout);
    });
  }
});
