/**
 * A worker thread with rules. Posts when it is sampled and when each posted work is done. At its
 * end, it posts the CPU time that it used.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, receiveWithRule, withRule } from 'rulescope';
import { nextTurn, threadCpu, work } from './work';

const { rules } = workerData as { rules: Record<string, number> };
new RuleInstrumentation();
// The same window length as in the main thread.
const collector = sharedCollector({ windowMillis: 500 });

let ending = false;
let reported = false;
let before = 0;

const stopReceiving = receiveWithRule(parentPort!, (message: { work?: number; end?: true }) => {
  ending ||= message.end === true;
  if (message.work === undefined) return;
  // This runs in the rule of the message.
  work(message.work);
  parentPort!.postMessage({ done: true });
});

async function run(): Promise<void> {
  while (!ending) {
    for (const [rule, units] of Object.entries(rules)) withRule(rule, () => work(units));
    if (!reported && collector.running) {
      reported = true;
      before = threadCpu();
      parentPort!.postMessage({ sampling: true });
    }
    await nextTurn();
  }
  parentPort!.postMessage({ used: threadCpu() - before });
  stopReceiving();
}

void run();
