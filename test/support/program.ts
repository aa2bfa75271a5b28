import { strict as assert } from 'node:assert';
import { type Running, run } from './processes';

/** What a program printed and how it warned. */
export interface Printed {
  readonly output: string;
  /** The codes of our warnings, in the order in which they were given. */
  readonly codes: readonly string[];
  /** The messages of our warnings. */
  readonly warnings: readonly string[];
  /** The lines `json:...` of the output. */
  readonly json: readonly unknown[];
}

/** Functions that every program has. */
const PRELUDE = `
  const { MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');
  const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
  const { context, metrics } = require('@opentelemetry/api');
  const { Worker } = require('node:worker_threads');
  const json = (value) => console.log('json:' + JSON.stringify(value));
  const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
  const burn = (millis) => { for (const end = Date.now() + millis; Date.now() < end;); };
  class Reader extends MetricReader {
    async rules() {
      const { resourceMetrics } = await this.collect();
      const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      const time = all.find(({ descriptor }) => descriptor.name === 'rulescope.rule.cpu.time');
      return (time?.dataPoints ?? []).map((point) => point.attributes['rulescope.rule.id']).sort();
    }
    async onShutdown() {}
    async onForceFlush() {}
  }
  const registerManager = () => context.setGlobalContextManager(new AsyncLocalStorageContextManager());
`;

/** Code that makes a minute pass on demand. Put it before our packages take the timers. */
export const MINUTE = `
  const minutes = [];
  const nodeTimers = require('node:timers');
  const realSetTimeout = nodeTimers.setTimeout;
  nodeTimers.setTimeout = (fn, millis, ...args) => {
    if (millis !== 60_000) return realSetTimeout(fn, millis, ...args);
    minutes.push(fn);
    return { unref() { return this; }, close() { minutes.splice(minutes.indexOf(fn) >>> 0, 1); } };
  };
  const passMinute = () => minutes.splice(0).forEach((fn) => fn());
`;

/** Starts a process that runs JavaScript, which can load our packages. */
export function startProgram(
  program: string,
  nodeArgs: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Running {
  return run(process.execPath, [...nodeArgs, '--eval', `${PRELUDE}\n${program}`], {
    cwd: __dirname,
    env: { ...process.env, ...env },
  });
}

/** Does what {@link startProgram} does. The program must end by itself, with 0. */
export async function runProgram(...started: Parameters<typeof startProgram>): Promise<Printed> {
  const child = startProgram(...started);
  assert.deepEqual(await child.ended, { code: 0, signal: null }, child.output());
  const output = child.output();
  const found = [...output.matchAll(/\[(RULESCOPE_\w+)\] Warning: (.*)/g)];
  return {
    output,
    codes: found.map(([, code]) => code!),
    warnings: found.map(([, , message]) => message!),
    json: [...output.matchAll(/^json:(.*)$/gm)].map(([, text]) => JSON.parse(text!) as unknown),
  };
}
