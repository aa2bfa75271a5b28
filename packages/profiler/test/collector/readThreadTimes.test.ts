import type { ThreadTimes } from '../../src/model/ClockReading';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { readThreadTimes } from '../../src/collector/readThreadTimes';
import { burnCpu } from '../support/burn';
import { runInChild } from '../support/runInChild';

const MODULE = JSON.stringify(join(__dirname, '../../src/collector/readThreadTimes'));

/** Reads the clock of the process, then the clock of the thread, as the collector does. */
function read(): ThreadTimes & { processSeconds: number } {
  const { user, system } = process.cpuUsage();
  const times = readThreadTimes();
  assert.ok(times !== undefined);
  return { ...times, processSeconds: (user + system) / 1e6 };
}

describe('readThreadTimes', () => {
  it('counts the CPU of this thread, which is at most the CPU of the process', () => {
    const before = read();
    burnCpu(200);
    const after = read();
    const used = after.cpuSeconds - before.cpuSeconds;
    const usedByProcess = after.processSeconds - before.processSeconds;
    // V8's helper threads may have used a part of the 200 ms. Each reading takes microseconds.
    assert.ok(used > 0.1 && used < usedByProcess + 0.001, `${used} s of ${usedByProcess} s`);
  });

  it('does not count the CPU of other threads', async () => {
    const before = read();
    const worker = new Worker(
      `const { readThreadTimes } = require(${MODULE});
       while (readThreadTimes().cpuSeconds < 0.3) process.cpuUsage();
       require('node:worker_threads').parentPort.postMessage(readThreadTimes().cpuSeconds);`,
      { eval: true },
    );
    const exited = once(worker, 'exit');
    const [usedByWorker] = (await once(worker, 'message')) as [number];
    assert.ok(usedByWorker >= 0.3, `${usedByWorker} s`);
    const used = read().cpuSeconds - before.cpuSeconds;
    assert.ok(used < 0.2, `${used} s`);
    await exited;
  });

  it('counts the time slices of the thread', () => {
    const before = read();
    // A timer that is due already does not put the thread to sleep. This does, also under load.
    const word = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; i < 20; i++) Atomics.wait(word, 0, 0, 1);
    const { timeslices = 0 } = read();
    assert.ok(timeslices - (before.timeslices ?? 0) >= 20);
  });

  it('counts the time for which the thread waited for a processor', async () => {
    // Two busy threads on one processor: each waits for about as long as it runs.
    const { stdout, stderr } = await runInChild(`
      const { execFileSync } = require('node:child_process');
      const { readFileSync } = require('node:fs');
      const { Worker } = require('node:worker_threads');
      const { readThreadTimes } = load('collector/readThreadTimes');
      const busy = new Worker('require("node:worker_threads").parentPort.postMessage(0); for (;;);', { eval: true });
      busy.once('message', () => {
        const [cpu] = /^Cpus_allowed_list:\\s*(\\d+)/m.exec(readFileSync('/proc/self/status', 'latin1')).slice(1);
        execFileSync('taskset', ['-a', '-c', '-p', cpu, String(process.pid)]);
        const before = readThreadTimes();
        while (process.cpuUsage() && readThreadTimes().cpuSeconds - before.cpuSeconds < 0.2);
        console.log(readThreadTimes().waitSeconds - before.waitSeconds);
        process.exit();
      });
    `);
    assert.equal(stderr, '');
    assert.ok(Number(stdout) > 0.05, stdout);
  });

  describe('without figures from the kernel', () => {
    const directory = mkdtempSync(join(tmpdir(), 'rulescope-schedstat-'));
    after(() => rmSync(directory, { recursive: true }));

    for (const [what, text] of Object.entries({
      'all zero': '0 0 0\n',
      'other text': 'none\n',
      nothing: '',
      'no file': undefined,
    })) {
      it(`(${what}) returns the CPU time that Node.js reports, if it does`, () => {
        const file = join(directory, what);
        if (text !== undefined) writeFileSync(file, text);
        const times = readThreadTimes(file);
        if (!('threadCpuUsage' in process)) return assert.equal(times, undefined);
        assert.ok(times !== undefined && times.cpuSeconds > 0);
        assert.deepEqual([times.waitSeconds, times.timeslices], [undefined, undefined]);
      });
    }
  });
});
