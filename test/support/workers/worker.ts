/** A worker thread with rules. Tells its parent when it is sampled, when each
 * posted work is done and, once it is told to end, how much CPU it used. */
import { parentPort, workerData } from 'node:worker_threads';
import { sharedCollector } from '@rulescope/profiler';
import { RuleInstrumentation, receiveWithRule, withRule } from 'rulescope';
import { nextTurn, threadCpu, work } from './work';

const { rules } = workerData as { rules: Record<string, number> };
new RuleInstrumentation();
// As long as in the main thread, where it would otherwise get that from.
const collector = sharedCollector({ windowMillis: 500 });

let ending = false;
let said = false;
let before = 0;

const stopReceiving = receiveWithRule(parentPort!, (message: { work?: number; end?: true }) => {
  ending ||= message.end === true;
  if (message.work === undefined) return;
  // In the rule that came with it.
  work(message.work);
  parentPort!.postMessage({ done: true });
});

async function run(): Promise<void> {
  while (!ending) {
    for (const [rule, units] of Object.entries(rules)) withRule(rule, () => work(units));
    if (!said && collector.running) {
      said = true;
      before = threadCpu();
      parentPort!.postMessage({ sampling: true });
    }
    await nextTurn();
  }
  parentPort!.postMessage({ used: threadCpu() - before });
  stopReceiving();
}

void run();
