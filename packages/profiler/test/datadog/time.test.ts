import assert from 'node:assert/strict';
import { toPprof } from '../../src/pprof/toPprof';
import { attributeCpu } from '../../src/attribution/attributeCpu';
import { time } from '../../src/datadog/time';
import { sharedCollector } from '../../src/thread/sharedCollector';
import { runWithLabels } from '../../src/thread/threadLabels';
import type { ProfileWindow } from '../../src/model/ProfileWindow';
import { burnCpu, burnSamples } from '../support/burn';
import { LABEL_MODES } from '../support/labelModes';
import { hitsByLine, sampleTypes, valuesByLabels } from '../support/profileReader';
import { runInChild } from '../support/runInChild';
import { settled } from '../support/settled';

/**
 * Number of samples that may be missing in a whole profile. Samples are counted when they are
 * taken, so neither the speed nor the load of the machine matters. Missing samples are those in
 * native code (the loop is all JavaScript) and one or two at the boundaries. The chance that more
 * than eight are missing is far below 1 in 1000. A burn with the wrong context misses 25.
 */
const MAX_MISSING = 8;
const BURN = 25;

const counter = {
  sampleCount: () => time.getState()[time.constants.kSampleCount] ?? 0,
};

/** Keeps the thread busy for some samples and adds their number to `burnt` under `key`. */
function burn(key: string, burnt: Map<string, number>): void {
  const before = counter.sampleCount();
  burnSamples(BURN, counter);
  burnt.set(key, (burnt.get(key) ?? 0) + counter.sampleCount() - before);
}

function assertBurnt(values: ReadonlyMap<string, readonly number[]>, burnt: Map<string, number>) {
  for (const [key, samples] of burnt) {
    const [hits = 0] = values.get(key) ?? [];
    assert.ok(hits >= samples - MAX_MISSING, `${key}: burnt ${samples}, found ${hits}`);
  }
}

describe('time', () => {
  afterEach(() => {
    assert.equal(time.isStarted(), false);
    assert.equal(sharedCollector().running, false);
  });

  it('gives each of 50 overlapping profiles its own samples, beside a consumer', async () => {
    const consumer = sharedCollector().addConsumer('exporter', () => undefined);
    const intervalMicros = 1_009;
    const expected: { count: number; withContexts: boolean }[] = [];
    const running = Array.from({ length: 50 }, async (_, i) => {
      const withContexts = i % 2 === 0;
      for (let turn = 0; turn < i % 10; turn++) await settled();
      const before = counter.sampleCount();
      // From 4 to 200 ms.
      const durationMillis = 4 * (i + 1);
      const profile = await time.profile({
        durationMillis,
        intervalMicros,
        withContexts,
        useCPED: true,
      });
      expected[i] = { count: counter.sampleCount() - before, withContexts };
      assert.ok(Number(profile.durationNanos) >= (durationMillis - 2) * 1e6);
      return profile;
    });
    const all = Promise.all(running);
    let done = false;
    void all.then(() => (done = true));
    const burnt = new Map<string, number>();
    time.start({ intervalMicros, withContexts: true, useCPED: true });
    for (let i = 0; i < 4 || !done; i++) {
      for (const job of ['a', 'b']) time.runWithContext({ job }, burnCpu, 1);
      await settled();
    }
    for (const job of ['a', 'b']) {
      time.runWithContext({ job }, () => burn(`job=${job}`, burnt));
    }
    assertBurnt(valuesByLabels(time.stop()), burnt);
    const profiles = await all;
    await consumer.remove();

    let found = 0;
    let counted = 0;
    profiles.forEach((profile, i) => {
      const { count = 0, withContexts = false } = expected[i] ?? {};
      const values = valuesByLabels(profile);
      const labels = [...values.keys()].filter((key) => key !== '');
      for (const label of labels) assert.ok(withContexts && /^job=[ab]$/.test(label), label);
      const hits = [...values.values()].reduce((total, [each = 0]) => total + each, 0);
      // A profile has only samples from its own time.
      assert.ok(hits <= count, `profile ${i}: ${hits} of ${count}`);
      found += hits;
      counted += count;
    });
    // The loop is busy except during `setImmediate` and at the 100 boundaries. The sum is some
    // thousands. Half of it could be missing only if every other sample were taken at a boundary.
    assert.ok(found > counted / 2, `${found} of ${counted}`);
  });

  it('keeps its own interval beside a reader with a shorter one', async () => {
    time.start({ intervalMicros: 20_011 });
    const fine = time.profile({ intervalMicros: 1_009, durationMillis: 1 });
    burnSamples(100, counter);
    await fine;
    const coarse = time.stop();
    const [hits = 0, wallNanos = 0] = valuesByLabels(coarse).get('') ?? [];
    // 100 samples, at least 1 ms apart, are at least 5 samples 20 ms apart. A few may be missing
    // because they are not in JavaScript.
    const most = Number(coarse.durationNanos) / 20_011_000 + 1;
    assert.ok(hits >= 3 && hits <= most, `${hits} hits, at the most ${most}`);
    assert.ok(wallNanos <= Number(coarse.durationNanos) * 1.1, `${wallNanos} ns`);
  });

  it('gives samples the contexts of the thread', () => {
    const burnt = new Map<string, number>();
    time.start({ withContexts: true, intervalMicros: 1_009 });
    for (let i = 0; i < 3; i++) {
      for (const job of ['a', 'b']) {
        time.setContext({ job, hidden: {} });
        burn(`job=${job}`, burnt);
      }
    }
    assertBurnt(valuesByLabels(time.stop()), burnt);
  });

  it('keeps its labels and the labels of the collector apart', async () => {
    const windows: ProfileWindow[] = [];
    const consumer = sharedCollector().addConsumer('c', (window) => windows.push(window));
    const burnt = new Map<string, number>();
    time.start({ withContexts: true, useCPED: true, intervalMicros: 1_009 });
    runWithLabels({ rule: 'r' }, () =>
      time.runWithContext({ job: 'j' }, () => {
        burn('job=j', burnt);
      }),
    );
    const profile = time.stop();
    await consumer.remove();
    const values = valuesByLabels(profile);
    assertBurnt(values, burnt);
    assert.deepEqual(
      [...values.keys()].filter((key) => key.includes('rule')),
      [],
    );
    const rules = windows.flatMap((window) => [...attributeCpu(window, 'rule').labels.keys()]);
    assert.ok(rules.includes('r'));
    const labels = windows.flatMap((window) => [...valuesByLabels(toPprof(window)).keys()]);
    assert.deepEqual(
      labels.filter((key) => key.includes('job')),
      [],
    );
  });

  it('records lines', () => {
    const before = process.cpuUsage();
    time.start({ lineNumbers: true, intervalMicros: 1_009 });
    (function theLines() {
      let x = 0;
      while (process.cpuUsage(before).user < 500_000) {
        for (let i = 0; i < 10_000; i++) x = Math.sqrt(x + i);
      }
    })();
    const profile = time.stop();
    assert.deepEqual(sampleTypes(profile), ['sample/count', 'wall/nanoseconds']);
    // 500 ms of CPU give some hits even if nine of ten are lost. V8 needs some time to report the
    // name of new code.
    assert.ok(hitsByLine(profile, 'theLines').size > 0);
  });

  it('does not keep the process alive', async () => {
    const result = await runInChild(`load('datadog').time.start({ withContexts: true });`);
    assert.deepEqual(result, { code: 0, signal: null, stdout: '', stderr: '' });
  });

  it('throws the reason at start() if it cannot sample; other calls still work', async () => {
    const { stdout, stderr } = await runInChild(`
      const Module = require('node:module');
      const original = Module._load;
      Module._load = function (request, ...rest) {
        if (request.startsWith('@datadog/pprof')) throw new Error('no build for you');
        return original.call(this, request, ...rest);
      };
      const { time } = load('datadog');
      try { time.start(); } catch ({ name, message }) { console.log(name, message); }
      console.log(time.isStarted(), time.getContext(), time.runWithContext({}, () => 'ran'));
      time.setContext({});
      time.profile().catch(({ name }) => console.log(name));
    `);
    assert.equal(stderr.match(/\[RULESCOPE_\w+\]/g)?.join(), '[RULESCOPE_NO_SAMPLER]');
    const [start, state, profile] = stdout.trim().split('\n');
    assert.match(start ?? '', /^SamplerUnavailableError .*no build for you/);
    assert.equal(state, 'false undefined ran');
    assert.equal(profile, 'SamplerUnavailableError');
  });

  for (const [mode, nodeOptions] of Object.entries(LABEL_MODES)) {
    it(`carries contexts over await and timers, ${mode}`, async () => {
      const { stdout, stderr } = await runInChild(
        `
        const { time } = load('datadog');
        const { burnSamples } = load('../test/support/burn');
        const counter = { sampleCount: () => time.getState()[time.constants.kSampleCount] };
        const burnt = { a: 0, b: 0 };
        const burn = (job) => {
          const before = counter.sampleCount();
          burnSamples(${BURN}, counter);
          burnt[job] += counter.sampleCount() - before;
        };
        const flow = (job) => time.runWithContext({ job }, async () => {
          burn(job);
          await null;
          burn(job);
          await new Promise((resolve) => setTimeout(resolve, 1));
          burn(job);
          await Promise.all([null, new Promise(setImmediate)]);
          burn(job);
        });
        time.start({ withContexts: true, useCPED: true, intervalMicros: 1_009 });
        Promise.all([flow('a'), flow('b')]).then(() => {
          const found = { a: 0, b: 0 };
          time.stop(false, ({ context }) => {
            const job = context?.context?.job;
            if (job) found[job]++;
            return {};
          });
          console.log(JSON.stringify({ burnt, found }));
        });
        `,
        { nodeOptions },
      );
      assert.equal(stderr, '');
      const { burnt, found } = JSON.parse(stdout) as Record<string, Record<string, number>>;
      for (const job of ['a', 'b']) {
        const [samples = 0, hits = 0] = [burnt?.[job], found?.[job]];
        assert.ok(
          samples >= 4 * BURN && hits >= samples - MAX_MISSING && hits <= samples + MAX_MISSING,
          stdout,
        );
      }
    });
  }
});
