import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleMetricsConfig } from 'rulescope';
import type { Found } from '../support/fairnessApp';
import { run } from '../support/processes';

const SUPPORT = join(__dirname, '..', 'support');
const WITHOUT_PACKAGE = ['--require', require.resolve('../support/withoutFairSampling')];
/** Bit of SIGPROF, signal 27, in the masks of `/proc`. */
const SIGPROF = 1n << 26n;
/** Number of readings. A reading may miss the wait of a thread, so the majority decides. */
const LOOKS = 21;

/** Asks the kernel whether a thread of process `pid` sleeps with SIGPROF blocked. */
async function sleepsMasked(pid: number, tid: string): Promise<boolean> {
  let masked = 0;
  for (let looks = 0; looks < LOOKS;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
    if (!/^State:\s+S/m.test(status)) continue;
    looks++;
    const blocked = BigInt(`0x${/^SigBlk:\s+(\w+)/m.exec(status)?.[1]}`);
    if ((blocked & SIGPROF) !== 0n) masked++;
  }
  return masked > LOOKS / 2;
}

/** What `support/fairnessApp.ts` reports, what the kernel reports about it, and its output. */
interface Seen extends Found {
  readonly masked: { readonly main: boolean; readonly worker: boolean };
  readonly output: string;
}

async function runApp(nodeArgs: string[], config: RuleMetricsConfig): Promise<Seen> {
  const program = [join(SUPPORT, 'fairnessApp.js'), JSON.stringify(config)];
  const app = run(process.execPath, [...nodeArgs, ...program]);
  const [, json] = await app.waitFor(/^found (.*)\n/m);
  const found = JSON.parse(json!) as Found;
  const pid = app.child.pid!;
  const masked = {
    main: await sleepsMasked(pid, found.tids.main),
    worker: await sleepsMasked(pid, found.tids.worker),
  };
  assert.deepEqual(await app.stop(), { code: 0, signal: null }, app.output());
  return { ...found, masked, output: app.output() };
}

/** Asserts that each thread has at least three windows, and that all of them have this fairness. */
function assertWindows({ windows }: Seen, fair: boolean): void {
  for (const ofThread of [windows.main, windows.worker]) {
    assert.ok(ofThread.length >= 3);
    assert.ok(ofThread.every((isFair) => isFair === fair));
  }
}

/** Asserts that `rulescope.sampler.info` has one series: `attributes` and how labels travel. */
function assertInfo({ info }: Seen, attributes: Readonly<Record<string, unknown>>): void {
  assert.equal(info.length, 1);
  const [{ attributes: found, value } = assert.fail()] = info;
  const { 'rulescope.sampler.context': context, ...others } = found;
  assert.match(String(context), /^async_(context_frame|hooks)$/);
  assert.deepEqual(others, attributes);
  assert.equal(value, 1);
}

describe('fair sampling', () => {
  describe('by default', () => {
    let seen: Seen;
    before(async () => (seen = await runApp([], {})));

    it('is on, with a short time slice if the kernel supports it', () => {
      assert.equal(seen.fair, true);
      assert.equal(seen.reason, undefined);
      assert.match(seen.slice ?? '', /^(applied|ignored)$/);
      assertInfo(seen, { 'rulescope.sampler.fair': true, 'rulescope.sampler.slice': seen.slice });
    });

    it('holds for the windows of the main thread and of a worker', () => assertWindows(seen, true));

    it('blocks SIGPROF while their event loops wait', () => {
      assert.deepEqual(seen.masked, { main: true, worker: true });
    });

    it('prints no warning', () => assert.doesNotMatch(seen.output, /Warning/));
  });

  for (const [where, nodeArgs] of [
    ['with fairSampling: false', []],
    ['with fairSampling: false and without the package', WITHOUT_PACKAGE],
  ] as const) {
    it(`${where} is off in all threads and prints no warning`, async () => {
      const seen = await runApp([...nodeArgs], { fairSampling: false });
      assert.deepEqual([seen.fair, seen.slice, seen.reason], [false, undefined, undefined]);
      assertWindows(seen, false);
      assertInfo(seen, { 'rulescope.sampler.fair': false });
      assert.deepEqual(seen.masked, { main: false, worker: false });
      assert.doesNotMatch(seen.output, /Warning/);
    });
  }

  describe('without the package', () => {
    let seen: Seen;
    before(async () => (seen = await runApp(WITHOUT_PACKAGE, {})));

    it('is off, and all threads are still sampled', () => {
      assert.deepEqual([seen.fair, seen.slice], [false, undefined]);
      assertWindows(seen, false);
      assertInfo(seen, { 'rulescope.sampler.fair': false });
      assert.deepEqual(seen.masked, { main: false, worker: false });
    });

    it('warns once with the reason, for two threads and two starts of sampling', () => {
      const reason = "Cannot find module '@rulescope/fair-sampling'";
      assert.equal(seen.reason, reason);
      const warnings = seen.output
        .split('\n')
        .filter((line) => line.includes('[RULESCOPE_UNFAIR_SAMPLING]'));
      assert.equal(warnings.length, 1, seen.output);
      assert.ok(warnings[0]?.includes(reason), warnings[0]);
    });
  });
});
