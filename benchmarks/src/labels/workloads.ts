import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs';
import { deflate } from 'node:zlib';
import { ROOT_CONTEXT, context, createContextKey } from '@opentelemetry/api';
import type { Variant } from './variants';

/** A workload; the promise fulfils with nanoseconds of process CPU per operation, after a warm-up. */
type Workload = (variant: Variant) => Promise<number>;

interface WorkloadSpec {
  readonly operation: string;
  readonly run: Workload;
}

const KEY = createContextKey('rulescope benchmark');

const RULES = Array.from({ length: 20 }, (_, index) => ({
  id: `rule-${index}`,
  target: ROOT_CONTEXT.setValue(KEY, index),
}));

/** The rule that an operation enters, and a Context that does as much in OpenTelemetry alone. */
export const ruleOfTurn = (turn: number): (typeof RULES)[number] =>
  RULES[turn % RULES.length] as (typeof RULES)[number];

/** By name, with what one operation is. */
export const WORKLOADS: Readonly<Record<string, WorkloadSpec>> = {
  change: {
    operation: 'entering another rule, an async body with two awaits and nothing else',
    run: (variant) =>
      timed(600_000, async (turn) => {
        const { id, target } = ruleOfTurn(turn);
        await variant.enter(id, target, () => emptyBody());
      }),
  },
  same: {
    operation: 'entering the rule that is current, the same body',
    run: (variant) => {
      const { id, target } = ruleOfTurn(0);
      return variant.enter(id, target, () =>
        timed(600_000, async () => {
          await variant.enter(id, target, () => emptyBody());
        }),
      );
    },
  },
  span: {
    operation: 'entering a fresh Context inside a rule, as a span does, the same body',
    run: (variant) => {
      const { id, target } = ruleOfTurn(0);
      return variant.enter(id, target, () =>
        timed(600_000, async (turn) => {
          await context.with(context.active().setValue(KEY, turn), () => emptyBody());
        }),
      );
    },
  },
  request: {
    operation: 'entering a fresh Context, as a request does, and a rule in it, the same body',
    run: (variant) =>
      timed(600_000, async (turn) => {
        const { id, target } = ruleOfTurn(turn);
        await context.with(ROOT_CONTEXT.setValue(KEY, turn), () =>
          variant.enter(id, target, () => emptyBody()),
        );
      }),
  },
  pipeline: {
    operation: 'an event that passes five rules, a body of some 2.8 microseconds in each',
    run: (variant) =>
      timed(80_000, async (turn) => {
        for (let stage = 0; stage < 5; stage++) {
          const { id, target } = ruleOfTurn(turn + stage);
          await variant.enter(id, target, () => body(500));
        }
      }),
  },
  await: {
    operation: 'an await inside a rule',
    run: (variant) => {
      const { id, target } = ruleOfTurn(0);
      return variant.enter(id, target, () =>
        timed(300_000, async () => {
          await Promise.resolve();
          work(100);
          await Promise.resolve();
        }),
      );
    },
  },
};

/** Nothing that would hide a context switch in its own noise. */
async function emptyBody(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}

async function body(iterations: number): Promise<void> {
  await Promise.resolve();
  work(iterations);
  await Promise.resolve();
}

let state = 1;

function work(iterations: number): void {
  for (let i = 0; i < iterations; i++) state = (state * 31 + i) | 0;
}

/**
 * Does the operation in callbacks of several kinds. Where a process has seen promises only, Node's own bookkeeping of asynchronous work
 * (before AsyncContextFrame) is compiled for those alone, which makes promises a tenth cheaper than they are in any service.
 */
async function asInService(operation: (turn: number) => Promise<void>): Promise<void> {
  const kinds: ((done: () => void) => void)[] = [
    (done) => setTimeout(done, 1),
    (done) => setImmediate(done),
    (done) => process.nextTick(done),
    (done) => queueMicrotask(done),
    (done) => stat('.', () => done()),
    (done) => randomBytes(8, () => done()),
    (done) => deflate('text', () => done()),
  ];
  for (let turn = 0; turn < 300; turn++) {
    const kind = kinds[turn % kinds.length] as (typeof kinds)[number];
    await new Promise<void>((resolve) => kind(() => resolve(operation(turn))));
  }
}

/** CPU per operation, garbage collection included. */
async function timed(
  operations: number,
  operation: (turn: number) => Promise<void>,
): Promise<number> {
  const round = async (count: number): Promise<void> => {
    // The loop goes back to the event loop now and then, as a service does.
    for (let turn = 0; turn < count; turn++) {
      await operation(turn);
      if (turn % 1000 === 0) await new Promise(setImmediate);
    }
  };
  await asInService(operation);
  await round(operations / 2);
  const before = process.cpuUsage();
  await round(operations);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / operations;
}
