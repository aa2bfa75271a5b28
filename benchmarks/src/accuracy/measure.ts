import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RuleInstrumentation, withRule } from '@rulescope/instrumentation';
import { type CallNode, attributeCpu, sharedCollector } from '@rulescope/profiler';
import { createSubject } from '../subjects';
import { Truth } from './Truth';
import { calibrate } from './burn';
import type { AccuracyCase } from './cases';
import { drive } from './drive';

/** What an estimate says of a rule. */
interface Estimate {
  seconds: number;
  hits: number;
  /** Square of the standard error. */
  variance: number;
}

/** What one run of a case brought. */
export interface Outcome {
  /** Seconds by rule. */
  readonly truth: Record<string, number>;
  readonly estimate: Record<string, Estimate>;
  /** Sum of the sampler's CPU values by label, seconds: what other profilers do. */
  readonly naive: Record<string, number>;
  /** The ledger over all windows, seconds. */
  readonly ledger: Record<'rules' | 'unlabelled' | 'gc' | 'runtime' | 'otherThreads', number>;
  /** CPU of the process over the same time, read from its own clock, seconds. */
  readonly processSeconds: number;
}

/** Runs `target` under rulescope with `samplingIntervalMicros` or its default. */
export async function measure(
  target: AccuracyCase,
  samplingIntervalMicros?: number,
): Promise<Outcome> {
  calibrate();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  new RuleInstrumentation();
  const truth = new Truth();
  const estimate: Record<string, Estimate> = {};
  const naive: Record<string, number> = {};
  const ledger = { rules: 0, unlabelled: 0, gc: 0, runtime: 0, otherThreads: 0 };
  const collector = sharedCollector(samplingIntervalMicros ? { samplingIntervalMicros } : {});
  const consumer = collector.addConsumer('accuracy', (window) => {
    const { labels, unlabelled, gc, runtime, otherThreads } = attributeCpu(window, 'rule');
    for (const [rule, share] of labels) {
      const sums = (estimate[rule] ??= { seconds: 0, hits: 0, variance: 0 });
      sums.seconds += share.cpuSeconds;
      sums.hits += share.hits;
      sums.variance += share.standardErrorSeconds ** 2;
      ledger.rules += share.cpuSeconds;
    }
    ledger.unlabelled += unlabelled.cpuSeconds;
    ledger.gc += gc.cpuSeconds;
    ledger.runtime += runtime.cpuSeconds;
    ledger.otherThreads += otherThreads.cpuSeconds;
    if (window.root !== undefined) addNaive(window.root, naive);
  });
  // The clock runs from where the first window begins to where the last ends.
  const cpuBefore = process.cpuUsage();
  await drive(target, withRule, truth);
  const handled = consumer.remove();
  const { user, system } = process.cpuUsage(cpuBefore);
  await handled;
  const processSeconds = (user + system) / 1e6;
  return {
    truth: truth.seconds(),
    estimate,
    naive,
    ledger,
    processSeconds,
  };
}

/** A peer's run is so much shorter: how far off it is shows soon. */
const PEER_SHARE = 1 / 6;

/** What a peer's run of a case brought, seconds by rule. */
export interface PeerOutcome {
  readonly truth: Record<string, number>;
  /** The sums of CPU by label in the profiles it would have uploaded. */
  readonly naive: Record<string, number>;
}

/** Runs `target` under the peer called `name`, at `samplingIntervalMicros` where it can be told. */
export async function measurePeer(
  target: AccuracyCase,
  name: string,
  samplingIntervalMicros: number,
): Promise<PeerOutcome> {
  calibrate();
  const peer = createSubject(name);
  const truth = new Truth();
  const naive: Record<string, number> = {};
  await peer.start(samplingIntervalMicros);
  const shorter = { ...target, seconds: Math.max(5, target.seconds * PEER_SHARE) };
  await drive(shorter, (id, fn) => peer.withRule(id, fn), truth);
  for (const { labels, cpuNanos } of await peer.stop()) {
    const rule = labels['rule'];
    if (rule !== undefined) naive[rule] = (naive[rule] ?? 0) + cpuNanos / 1e9;
  }
  return { truth: truth.seconds(), naive };
}

function addNaive(root: CallNode, sums: Record<string, number>): void {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const { context: cell, cpuTime = 0 } of node.contexts ?? []) {
      const rule = cell?.labels?.['rule'];
      if (rule !== undefined) sums[rule] = (sums[rule] ?? 0) + cpuTime / 1e9;
    }
    for (const child of node.children) pending.push(child);
  }
}
