import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs';
import { deflate } from 'node:zlib';
import { ROOT_CONTEXT, TraceFlags, context, createContextKey, trace } from '@opentelemetry/api';
import type { Variant } from './variants';

/** Runs a workload after a warm-up. @returns nanoseconds of process CPU per operation. */
type Workload = (variant: Variant) => Promise<number>;

interface WorkloadSpec {
  /** What one operation is, for the title of the table. */
  readonly operation: string;
  readonly run: Workload;
}

const KEY = createContextKey('rulescope benchmark');

const RULES = Array.from({ length: 20 }, (_, index) => ({
  id: `rule-${index}`,
  target: ROOT_CONTEXT.setValue(KEY, index),
}));

/** Returns the rule that an operation enters, and its Context for OpenTelemetry alone. */
export const ruleOfTurn = (turn: number): (typeof RULES)[number] =>
  RULES[turn % RULES.length] as (typeof RULES)[number];

/** The workloads by name. */
export const WORKLOADS: Readonly<Record<string, WorkloadSpec>> = {
  change: {
    operation: 'entering another rule',
    run: (variant) =>
      timed(600_000, async (turn) => {
        const { id, target } = ruleOfTurn(turn);
        await variant.enter(id, target, () => emptyBody());
      }),
  },
  same: {
    operation: 'entering the current rule again',
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
    operation: 'entering a new Context inside a rule, as a span does',
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
    operation: 'entering a new Context and a rule in it, as a request does',
    run: (variant) =>
      timed(600_000, async (turn) => {
        const { id, target } = ruleOfTurn(turn);
        await context.with(ROOT_CONTEXT.setValue(KEY, turn), () =>
          variant.enter(id, target, () => emptyBody()),
        );
      }),
  },
  traced: {
    operation: 'entering a new sampled span and a rule in it, as a traced request does',
    run: (variant) =>
      timed(300_000, async (turn) => {
        const { id, target } = ruleOfTurn(turn);
        const span = trace.wrapSpanContext({
          traceId: '0123456789abcdef0123456789abcdef',
          spanId: (turn + 1).toString(16).padStart(16, '0'),
          traceFlags: TraceFlags.SAMPLED,
        });
        await context.with(trace.setSpan(ROOT_CONTEXT, span), () =>
          variant.enter(id, target, () => emptyBody()),
        );
      }),
  },
  pipeline: {
    operation: 'an event that passes five rules, with about 2.8 microseconds in each',
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

/** Awaits twice. More work would hide the cost of a context switch in its noise. */
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
 * Runs the operation in callbacks of several kinds. Before AsyncContextFrame, a process that has
 * seen only promises compiles Node's bookkeeping of asynchronous work for promises alone. Promises
 * then cost a tenth less than in any service.
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

/** Returns the nanoseconds of CPU per operation, garbage collection included. */
async function timed(
  operations: number,
  operation: (turn: number) => Promise<void>,
): Promise<number> {
  const round = async (count: number): Promise<void> => {
    // Returns to the event loop now and then, as a service does.
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
