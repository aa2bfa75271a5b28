import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogWriter } from '../src/log/LogWriter';
import { generateLog, nameOf } from '../src/log/generateLog';
import { listSegments } from '../src/log/SegmentReader';
import { parseReplayOptions } from '../src/options';
import { VARIANTS } from '../src/variants';
import { type Row, readLog } from './support/readLog';

/** What a replay prints with `--json`. */
interface Printed {
  readonly samples: number;
  readonly series: number;
  readonly unknown: number;
  readonly old: number;
  readonly hash: string;
  readonly damage?: string;
  readonly points?: [number, number][];
  readonly cpu: {
    readonly stages: Record<string, number>;
    readonly rule: number;
    readonly sources: Record<string, number>;
    readonly beforeSampling: number;
    readonly process: number;
  };
}

const REPLAY = join(__dirname, '..', 'src', 'replay.js');
const SAMPLES = 150_000;
const SERIES = 1_200;

const running = new Set<ChildProcess>();

/** Starts a program of the example. It is killed after the last test. */
function start(...args: string[]): { child: ChildProcess; output: () => [string, string] } {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const output: [string, string] = ['', ''];
  child.stdout.on('data', (text) => (output[0] += String(text)));
  child.stderr.on('data', (text) => (output[1] += String(text)));
  return { child, output: () => output };
}

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { child, output } = start(...args);
  const [code] = (await once(child, 'close')) as [number];
  const [stdout, stderr] = output();
  return { code, stdout, stderr };
}

async function replay(log: string, variant: string, ...args: string[]): Promise<Printed> {
  const options = ['--log', log, '--variant', variant, '--port', '0', '--json', ...args];
  const { code, stdout, stderr } = await run(REPLAY, ...options);
  assert.equal(code, stderr.includes('damaged') ? 1 : 0, stderr);
  return JSON.parse(stdout) as Printed;
}

describe('a replay', () => {
  let directory: string;
  let log: string;
  let rows: Row[];

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'hunt-'));
    log = join(directory, 'log');
    generateLog(log, { samples: SAMPLES, series: SERIES, seed: 1, segmentBytes: 2 ** 20 });
    ({ rows } = readLog(log));
  });

  after(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  const hashes = new Set<string>();
  for (const variant of Object.keys(VARIANTS)) {
    it(`of ${variant} loads all samples, the same as all others`, async () => {
      const ref = 777;
      const loaded = await replay(log, variant, '--query', nameOf(ref));
      const { samples, series, unknown, old, hash, points } = loaded;
      assert.deepEqual(
        { samples, series, unknown, old },
        {
          samples: SAMPLES,
          series: SERIES,
          unknown: 0,
          old: 0,
        },
      );
      const expected = rows.filter((row) => row[0] === ref);
      assert.deepEqual(
        points,
        expected.map(([, time, value]) => [time, value]),
      );
      hashes.add(hash);
      assert.equal(hashes.size, 1);
    });
  }

  it('of cache loads a long log as direct does, though segments share memory', async () => {
    const long = join(directory, 'long');
    generateLog(long, { samples: 400_000, series: SERIES, seed: 1, segmentBytes: 2 ** 17 });
    assert.equal((await replay(long, 'cache')).hash, (await replay(long, 'direct')).hash);
  });

  it('of direct has the series of workers that get no sample', async () => {
    const one = join(directory, 'one');
    generateLog(one, { samples: 1, series: SERIES, seed: 1, segmentBytes: 2 ** 20 });
    const { samples, series } = await replay(one, 'direct');
    assert.deepEqual({ samples, series }, { samples: 1, series: SERIES });
  });

  it('has another hash if one value differs', async () => {
    const other = join(directory, 'other');
    const { series } = readLog(log);
    const writer = new LogWriter(other, 2 ** 22);
    for (const { ref, name } of series) writer.addSeries(ref, name);
    rows.forEach(([ref, time, value], i) => {
      writer.addSamples(time, [{ ref, time, value: i === 100_000 ? value + 1 : value }]);
    });
    writer.close();
    const { samples, hash } = await replay(other, 'direct');
    assert.equal(samples, SAMPLES);
    assert.ok(!hashes.has(hash));
  });

  for (const variant of ['slow', 'uncounted']) {
    it(`of ${variant} counts samples of unknown series and those that are not new`, async () => {
      const odd = join(directory, `odd-${variant}`);
      const writer = new LogWriter(odd, 2 ** 20);
      writer.addSeries(9, 'nine');
      writer.addSeries(9, 'nine again');
      writer.addSamples(1_000, [
        { ref: 9, time: 1_000, value: 1 },
        { ref: 10, time: 1_000, value: 2 },
        { ref: 9, time: 1_000, value: 3 },
        { ref: 0, time: 1_000, value: 4 },
      ]);
      writer.close();
      const { samples, series, unknown, old, points } = await replay(
        odd,
        variant,
        '--query',
        'nine',
      );
      assert.deepEqual(
        { samples, series, unknown, old, points },
        {
          samples: 1,
          series: 1,
          unknown: 2,
          old: 1,
          points: [[1_000, 1]],
        },
      );
    });
  }

  it('loads the records before a damaged one and no more, and names file and offset', async () => {
    const damaged = join(directory, 'damaged');
    const cut = join(directory, 'cut');
    for (const copy of [damaged, cut]) cpSync(log, copy, { recursive: true });
    // The last record of the second segment begins where its time is.
    const second = listSegments(damaged)[1]!;
    const bytes = readFileSync(second);
    let offset = 8;
    for (let next = offset; next < bytes.length; next += 9 + bytes.readUInt32LE(next))
      offset = next;
    bytes[offset + 20]! ^= 1;
    writeFileSync(second, bytes);
    // The same log without the damaged record and all later ones.
    truncateSync(listSegments(cut)[1]!, offset);
    for (const file of listSegments(cut).slice(2)) rmSync(file);

    const expected = readLog(cut).rows.length;
    assert.ok(expected > 0 && expected < rows.length);
    const { hash } = await replay(cut, 'direct');
    for (const variant of ['slow', 'thread']) {
      const found = await replay(damaged, variant);
      assert.equal(found.damage, `${second} is damaged at byte ${offset}: wrong checksum`);
      assert.equal(found.samples, expected);
      assert.equal(found.hash, hash);
    }
  });

  it('writes profiles, and the report shows the functions of a stage', async () => {
    const profiles = join(directory, 'profiles');
    await replay(log, 'slow', '--profiles', profiles);
    // A worker of such a short replay may end before it is connected.
    const report = join(__dirname, '..', 'src', 'report.js');
    const { code, stdout, stderr } = await run(report, join(profiles, 'main.pb.gz'));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^stage: \w+\n +flat +flat% .*\n(.*%.*\n)+/m);
  });

  it('ends after the next scrape with --last-scrape', async () => {
    const options = ['--log', log, '--variant', 'direct', '--port', '0', '--json', '--last-scrape'];
    const { child, output } = start(REPLAY, ...options);
    while (!output()[0].endsWith('\n')) await once(child.stdout!, 'data');
    const closed = once(child, 'close');
    const url = /http:\S+:\d+/.exec(output()[1])![0];
    assert.equal((await fetch(`${url}/metrics`)).status, 200);
    assert.deepEqual(await closed, [0, null]);
  });

  it('stays for the last scrape with --stay, and shows the rule by stage', async () => {
    const big = join(directory, 'big');
    generateLog(big, { samples: 1_000_000, series: SERIES, seed: 1, segmentBytes: 2 ** 20 });
    const options = ['--log', big, '--variant', 'slow', '--port', '0', '--json', '--stay'];
    const { child, output } = start(REPLAY, ...options);
    while (!output()[0].endsWith('\n')) await once(child.stdout!, 'data');
    const url = /http:\S+:\d+/.exec(output()[1])![0];
    const metrics = await (await fetch(`${url}/metrics`)).text();
    // The rule uses 0.4 s of CPU, with a sample every 10 ms: the chance that it has none is far below
    // 1 in 1,000, on a machine that is four times as fast as well.
    const series =
      /^rulescope_rule_cpu_time_total\{rulescope_rule_id="replay-slow",stage="(\w+)"/gm;
    const stages = [...metrics.matchAll(series)].map(([, stage]) => stage!);
    assert.ok(stages.length > 0, metrics);
    for (const stage of stages) assert.match(stage, /^(read|decode|partition|append)$/);
    const { cpu } = JSON.parse(output()[0]) as Printed;
    const sum = Object.values(cpu.sources).reduce((sum, seconds) => sum + seconds, 0);
    // Exact except for CPU that was used between the readings at the start and at the end.
    const missing = cpu.process - cpu.beforeSampling - sum;
    assert.ok(Math.abs(missing) <= 0.03 * cpu.process + 0.1, JSON.stringify(cpu));
    assert.equal((await fetch(`${url}/debug/pprof/`)).status, 200);
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    assert.deepEqual(await closed, [0, null]);
  });
});

describe('prometheus.yml', () => {
  it('scrapes each variant on its port', () => {
    const config = readFileSync(join(__dirname, '..', '..', 'prometheus.yml'), 'utf8');
    const targets = [...config.matchAll(/127\.0\.0\.1:(\d+) # (\w+)/g)];
    assert.deepEqual(
      targets.map(([, port, variant]) => [Number(port), variant]),
      Object.keys(VARIANTS).map((name) => [parseReplayOptions(['--variant', name]).port, name]),
    );
  });
});

describe('the command line', () => {
  const GENERATE = join(__dirname, '..', 'src', 'generate.js');
  const mistakes: [string, string[], RegExp][] = [
    [REPLAY, ['--variant', 'fast'], /--variant must be one of slow, .*; got "fast"/],
    [REPLAY, ['--port', '70000'], /--port must be a number from 0 to 65535; got "70000"/],
    [REPLAY, ['--window', '0'], /--window must be a number from 0\.1 to 60; got "0"/],
    [REPLAY, ['--log', __dirname, '--port', '0'], /has no segments/],
    [REPLAY, ['--log', 'absent', '--port', '0'], /ENOENT.*absent/],
    [GENERATE, ['--samples', '1.5'], /--samples must be an integer; got 1\.5/],
    [GENERATE, ['--log', __dirname], /--log must be an empty directory or none; got /],
    [GENERATE, ['--bogus'], /--bogus/],
  ];
  for (const [program, args, message] of mistakes) {
    it(`answers ${JSON.stringify(args[0])} with one line and exit code 2`, async () => {
      const { code, stderr } = await run(program, ...args);
      assert.equal(code, 2);
      assert.match(stderr.trimEnd().split('\n').at(-1)!, message);
    });
  }

  it('prints its options', async () => {
    for (const program of [REPLAY, GENERATE]) {
      const { code, stdout } = await run(program, '--help');
      assert.equal(code, 0);
      assert.match(stdout, /--log DIR/);
    }
  });
});
