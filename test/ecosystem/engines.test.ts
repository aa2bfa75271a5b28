import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertThreeToOne } from '../support/engines/assertThreeToOne';
import type { Report } from '../support/engines/setup';
import { type Running, eventually, freePort, run } from '../support/processes';
import { ROOT } from '../support/repository';

const SETUP = require.resolve('../support/engines/setup');
const SDK = require.resolve('../support/engines/sdk');
const APPS = join(__dirname, '../../ecosystem/apps/engines');
const TOOLS = join(ROOT, 'test/ecosystem/tools/node_modules');

/** Node-RED 5 needs Node.js 22.9. */
const NODE_RED = process.versions.node.startsWith('20.') ? [4] : [4, 5];

type Adapters = 'on' | 'off' | 'none';

/** Runs an unchanged application with the setup preloaded. Returns its report. */
async function report(adapters: Adapters, app: string, args: readonly string[]): Promise<Report> {
  const nodeArgs = ['--require', SETUP, join(APPS, app), SETUP, ...args];
  const child = run(process.execPath, nodeArgs, {
    cwd: __dirname,
    env: { ...process.env, RULESCOPE_TEST_ADAPTERS: adapters },
  });
  assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
  const printed = /^json:(.*)$/m.exec(child.output());
  return JSON.parse(printed![1]!) as Report;
}

/** Asserts what holds of each engine. `seen`: the rules of each place with the adapter on. */
function behaves(
  app: string,
  args: () => readonly string[],
  rules: readonly [string, string],
  seen: Report['seen'],
): void {
  it('shows two rules built 3:1 as 3:1, and each part in its rule', async () => {
    const on = await report('on', app, args());
    assert.deepEqual(on.seen, seen);
    assertThreeToOne(on.rules!, ...rules);
  });

  it('has the same results with the adapter, with it off, and without it', async () => {
    const without = await report('none', app, args());
    assert.deepEqual(await report('off', app, args()), without);
    assert.deepEqual((await report('on', app, args())).results, without.results);
  });
}

describe('BullMQ', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rulescope-redis-'));
  const socket = join(directory, 'redis.sock');
  let redis: Running;

  before(async () => {
    const options = ['--port', '0', '--unixsocket', socket, '--dir', directory, '--save', ''];
    redis = run('/usr/bin/redis-server', options);
    await redis.waitFor(/ready to accept connections/i);
  });

  after(async () => {
    await redis.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const rules = ['work:heavy', 'work:light'] as const;
  behaves('bullMq.cjs', () => [join(TOOLS, 'bullmq'), socket], rules, {
    ...inRule('work:heavy', ['processor', 'later part', 'active', 'progress', 'completed']),
    ...inRule('work:light', ['processor', 'later part', 'active', 'progress', 'completed']),
    ...inRule('work:failing', ['processor', 'later part', 'active', 'progress', 'failed']),
    'sandbox in a thread': ['thread:heavy'],
    'sandbox in a process': ['process:heavy'],
    // A worker that was made in a rule does not fetch jobs in it.
    drained: [null],
  });

  function inRule(rule: string, parts: readonly string[]): Report['seen'] {
    const name = rule.replace('work:', '');
    return Object.fromEntries(parts.map((part) => [`${part} of ${name}`, [rule]]));
  }
});

for (const version of NODE_RED) {
  describe(`Node-RED ${version}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'rulescope-node-red-'));
    after(() => rmSync(directory, { recursive: true, force: true }));

    const library = join(TOOLS, `node-red-${version}`);
    const userDir = (): string => mkdtempSync(join(directory, 'user-'));
    behaves('nodeRed.cjs', () => [library, userDir()], ['Heavy flow', 'light'], {
      function: ['Heavy flow'],
      'function, later': ['Heavy flow'],
      // The flow that holds the instance of the subflow. It has no label, so its id is the rule.
      subflow: ['light'],
      'subflow, later': ['light'],
      last: ['light'],
      'last, later': ['light'],
      constructor: ['Timers'],
      'function on start': ['Timers'],
      timer: ['Timers'],
      'message of timer': ['Timers'],
      // Sent on by a node for configuration, which belongs to no flow.
      'message of shared': ['Timers'],
      end: ['Timers'],
      'shared node': [null],
      'timer of the shared node': [null],
      'end of the shared node': [null],
    });

    it('started with one flag, shows the flows of the example on /metrics', async () => {
      const [metrics, editor] = [await freePort(), await freePort()];
      const flows = join(ROOT, 'examples/node-red/flows.json');
      const options = ['--userDir', userDir(), '--port', String(editor)];
      const args = ['--require', SDK, join(library, 'red.js'), ...options, flows];
      const nodeRed = run(process.execPath, args, {
        cwd: directory,
        env: {
          ...process.env,
          OTEL_METRICS_EXPORTER: 'prometheus',
          OTEL_EXPORTER_PROMETHEUS_PORT: String(metrics),
          OTEL_TRACES_EXPORTER: 'none',
          OTEL_LOGS_EXPORTER: 'none',
        },
      });
      const found = await Promise.race([
        eventually('both flows', async () => {
          const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
          const series = text.matchAll(/rule_cpu_time\w*\{.*rule_id="([^"]*)".*\} (\S+)/g);
          const rules = [...series].filter(([, , cpu]) => Number(cpu) > 0).map(([, rule]) => rule);
          return rules.length < 2 ? undefined : rules.sort();
        }),
        nodeRed.ended.then(() => nodeRed.output()),
      ]);
      assert.deepEqual(found, ['Price alerts', 'Weather']);
      await nodeRed.stop();
    });
  });
}

describe('Piscina', () => {
  const task = require.resolve('../support/engines/poolTask');
  behaves('piscina.cjs', () => [require.resolve('piscina'), task], ['heavy', 'light'], {
    'a task of heavy': ['heavy'],
    'a task of light': ['light'],
    'a task of none': [null],
    'the caller heavy': ['heavy'],
    'the caller light': ['light'],
    'the caller none': [null],
  });
});
