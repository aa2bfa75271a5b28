/** A worker thread with rules. Says `sampling` when it is sampled, works until it is told to end, and then says how much it used. */
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
  // In the rule that came with it.
  work(message.work ?? 0);
});

async function run(): Promise<void> {
  while (!ending) {
    for (const [rule, units] of Object.entries(rules)) withRule(rule, () => work(units));
    if (!said && collector.running) {
      said = true;
      before = threadCpu();
      parentPort!.postMessage('sampling');
    }
    await nextTurn();
  }
  parentPort!.postMessage({ used: threadCpu() - before });
  stopReceiving();
}

void run();
