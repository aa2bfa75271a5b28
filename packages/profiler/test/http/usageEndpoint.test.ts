import assert from 'node:assert/strict';
import type { PprofHandlerOptions } from '../../src/http/createPprofHandler';
import { FakeClock } from '../support/FakeClock';
import { PprofHarness } from '../support/PprofHarness';
import { recording, rootOf } from '../support/builders';
import { settled } from '../support/settled';
import { until } from '../support/until';

interface Figures {
  readonly cpuSeconds: number;
  readonly standardErrorSeconds: number;
  readonly usage: number;
  readonly samples: number;
}

interface Usage extends Record<'otherRules' | 'unlabeled' | 'gc' | 'runtime', Figures> {
  readonly label: string;
  readonly seconds: number;
  readonly endTime: number;
  readonly processCpuSeconds: number;
  readonly rules: readonly (Figures & { readonly rule: string })[];
}

/** Returns a recording with one sample for each of `rules`; an empty name is no rule. */
function samplesOf(rules: readonly string[]) {
  return recording({
    root: rootOf(...rules.map((rule) => ({ leaf: 'f', labels: rule === '' ? {} : { rule } }))),
    samplesTaken: rules.length,
  });
}

describe('/debug/rules/usage', () => {
  let harness: PprofHarness;
  let samples: readonly string[];
  /** How many windows were closed while sampling went on. */
  let rotations: number;

  async function start(options: PprofHandlerOptions = {}): Promise<void> {
    harness = await new PprofHarness(options).start();
    samples = ['r1', 'r2', 'r2', ''];
    rotations = 0;
    harness.sampler.rotate = () => {
      rotations++;
      return samplesOf(samples);
    };
  }

  afterEach(() => harness.stop());

  async function get(query = ''): Promise<Usage> {
    const { status, headers, text } = await harness.get('', { path: `/debug/rules/usage${query}` });
    assert.equal(status, 200, text);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    return JSON.parse(text) as Usage;
  }

  /** Returns the first answer. The process uses 0.04 s of CPU meanwhile. */
  async function first(query = ''): Promise<Usage> {
    const timers = harness.clock.pendingTimers;
    const answer = get(query);
    await until(() => harness.clock.pendingTimers > timers + 1);
    harness.clock.burn(0.04);
    harness.clock.advance(1_000);
    return answer;
  }

  /** Ends a window of 5 s in which the process uses 0.08 s of CPU. */
  async function window(): Promise<void> {
    harness.clock.burn(0.08);
    harness.clock.advance(5_000);
    harness.collector.rotate();
    await settled();
  }

  it('tells the CPU, its error and the samples of each rule since the first request', async () => {
    await start();
    assert.deepEqual(harness.sampler.calls, [], 'it sampled before the first request');
    const { rules, unlabeled, otherRules, ...rest } = await first();
    assert.deepEqual(
      rules.map(({ rule, cpuSeconds, usage, samples }) => [rule, cpuSeconds, usage, samples]),
      [
        ['r2', 0.02, 0.02, 2],
        ['r1', 0.01, 0.01, 1],
      ],
    );
    assert.ok(rules.every(({ standardErrorSeconds }) => standardErrorSeconds > 0.005));
    assert.deepEqual([unlabeled.cpuSeconds, otherRules.cpuSeconds], [0.01, 0]);
    assert.deepEqual(
      { ...rest, gc: 0, runtime: 0 },
      {
        label: 'rule',
        seconds: 1,
        endTime: FakeClock.EPOCH + 1_000,
        processCpuSeconds: 0.04,
        gc: 0,
        runtime: 0,
      },
    );
  });

  it('covers the seconds asked for, or as many as it has, without cutting a window', async () => {
    await start();
    await first();
    await window();
    await window();
    const before = rotations;
    assert.equal((await get('?seconds=5')).seconds, 5);
    assert.equal((await get('?seconds=9')).seconds, 11);
    const { seconds, rules, processCpuSeconds } = await get();
    assert.deepEqual([seconds, processCpuSeconds], [11, 0.2]);
    assert.deepEqual(rules[0]?.cpuSeconds, 0.1);
    assert.equal(rotations, before);
  });

  it('cuts no window for the first request if one ends meanwhile', async () => {
    await start();
    const answer = get();
    await until(() => harness.clock.pendingTimers > 1);
    harness.clock.advance(500);
    harness.collector.rotate();
    await settled();
    harness.clock.advance(500);
    assert.equal((await answer).seconds, 0.5);
    assert.equal(rotations, 1);
  });

  it('lists the top rules and adds up the others', async () => {
    await start();
    const { rules, otherRules } = await first('?top=1');
    assert.deepEqual(
      rules.map(({ rule }) => rule),
      ['r2'],
    );
    assert.deepEqual([otherRules.cpuSeconds, otherRules.samples], [0.01, 1]);
  });

  it('also answers below the index page, and for another label', async () => {
    await start({ usageLabel: 'tenant' });
    const { label, rules, unlabeled } = await first();
    assert.deepEqual([label, rules, unlabeled.samples], ['tenant', [], 4]);
    assert.equal((await harness.get('/rules/usage')).status, 200);
  });

  it('has the last minutes at once if the option usage is true', async () => {
    await start({ usage: true });
    await window();
    assert.equal((await get()).seconds, 5);
    for (let i = 0; i < 100; i++) await window();
    assert.equal((await get('?seconds=300')).seconds, 300);
  });

  it('ends sampling when nobody has asked for five minutes, and begins again', async () => {
    await start();
    await first();
    for (let i = 0; i < 59; i++) await window();
    assert.ok(harness.collector.running);
    await get();
    for (let i = 0; i < 61; i++) await window();
    assert.ok(!harness.collector.running);
    assert.equal(harness.clock.pendingTimers, 0);
    assert.equal((await first()).seconds, 1);
  });

  it('answers with what there is when the handler is closed, and ends sampling', async () => {
    await start();
    const answer = get();
    await until(() => harness.clock.pendingTimers > 1);
    harness.clock.advance(500);
    await harness.handler.close();
    assert.equal((await answer).seconds, 0.5);
    assert.ok(!harness.collector.running);
    assert.equal(harness.clock.pendingTimers, 0);
  });

  it('ends a request whose client disconnects before there is a window', async () => {
    await start({ maxConcurrent: 1 });
    // Between two windows with a pause, there is none to close.
    harness.collector.rotate = () => undefined;
    const sent = harness.send('/rules/usage');
    sent.on('error', () => undefined);
    await until(() => harness.clock.pendingTimers > 1);
    harness.clock.advance(1_000);
    await settled();
    assert.equal((await harness.get('/rules/usage')).status, 429);
    sent.destroy();
    harness.lines.failure = new Error('taken');
    // The server sees the disconnection some time later.
    while ((await harness.get('/profile?lines=1')).status === 429);
  });

  it('says why it cannot sample, and samples nothing then', async () => {
    await start();
    harness.unsupported = new Error('no such platform');
    const unsupported = await harness.get('/rules/usage');
    assert.deepEqual([unsupported.status, unsupported.text], [501, 'no such platform\n']);
    harness.unsupported = undefined;
    harness.sampler.startError = new Error('somebody else samples');
    const { status, text } = await harness.get('/rules/usage');
    assert.deepEqual([status, text], [503, 'the recording failed: somebody else samples\n']);
    await settled();
    assert.ok(!harness.collector.running);
    harness.sampler.startError = undefined;
    assert.equal((await first()).seconds, 1);
  });

  it('names the wrong parameter, its value and what is allowed', async () => {
    await start();
    for (const [query, text] of [
      ['seconds=0', 'seconds must be a number from 1 to 300; got "0"\n'],
      ['seconds=301', 'seconds must be a number from 1 to 300; got "301"\n'],
      ['top=1.5', 'top must be an integer from 1 to 1000; got "1.5"\n'],
      ['rule=r1', '"rule" must be omitted (known parameters: seconds, top); got "r1"\n'],
    ] as const) {
      const reply = await harness.get(`/rules/usage?${query}`);
      assert.deepEqual([reply.status, reply.text], [400, text]);
    }
    assert.deepEqual(harness.sampler.calls, []);
  });

  it('samples nothing for a HEAD request, or for a client that is refused', async () => {
    await start({ authorize: ({ headers }) => headers['x-key'] === 'k' });
    assert.equal((await harness.get('/rules/usage')).status, 403);
    const options = { method: 'HEAD', headers: { 'x-key': 'k' } };
    const { status, headers } = await harness.get('/rules/usage', options);
    assert.deepEqual([status, headers['content-type']], [200, 'application/json; charset=utf-8']);
    assert.deepEqual(harness.sampler.calls, []);
  });
});
