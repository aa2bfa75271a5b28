import { setTimeout as sleep } from 'node:timers/promises';
import { Truth } from './Truth';
import { Work } from './Work';
import { calibrate, spin } from './burn';
import { driveImmediates } from './drivers/chains';
import { percent, printTable, signedPercent } from './report/markdown';
import { type Rule, rulesOf } from './rules';
import { schedulerStatistics } from './threadCpu';

const BURSTS_MILLIS = [0.2, 1, 5];
const SECONDS = 30;
/** CPU of one replay, in milliseconds. */
const REPLAY_MILLIS = 3_000;

/**
 * Compares the truth, which is counted per burst, with the kernel's count of the whole thread. A
 * saturated run first counts the CPU per burst, as all cells do. Then the bursts of each rule run
 * again back to back, and the kernel's count is read only before and after all of them.
 *
 * Both counts come from the same clock, `/proc/thread-self/schedstat`. So this checks the
 * bookkeeping per burst and the cost of reading the clock. It is not a second clock.
 */
export async function printWitness(): Promise<void> {
  calibrate();
  const truth = new Truth();
  const bursts = new Map<Rule, number>();
  const rules = rulesOf(BURSTS_MILLIS);
  const burn = (rule: Rule): void => {
    bursts.set(rule, (bursts.get(rule) ?? 0) + 1);
    spin(rule.burstMillis);
  };
  const work = new Work(rules, 1, (_, fn) => fn(), truth, burn);
  const stop = driveImmediates(work);
  await sleep(1_000);
  truth.take();
  bursts.clear();
  const before = kernelSeconds();
  await sleep(SECONDS * 1000);
  const [threadSeconds, seconds] = [kernelSeconds() - before, truth.take()];
  const counted = new Map(bursts);
  stop();

  const rows = rules.map((rule) => {
    const truthMicros = ((seconds[rule.id] ?? 0) / (counted.get(rule) ?? 0)) * 1e6;
    const kernelMicros = replay(work, rule) * 1e6;
    return [
      rule.id,
      counted.get(rule) ?? 0,
      truthMicros.toFixed(1),
      kernelMicros.toFixed(1),
      signedPercent(truthMicros / kernelMicros - 1),
    ];
  });
  printTable(
    'CPU per burst by the truth and by the kernel, microseconds.',
    ['rule', 'bursts', 'truth', 'kernel, back to back', 'difference'],
    rows,
  );
  const total = Object.values(seconds).reduce((all, each) => all + each, 0);
  console.log(
    `\nThe truth of all rules is ${percent(total / threadSeconds)} of the CPU that the kernel ` +
      `counted for the thread. The event loop uses the rest.\n` +
      "Both counts come from the kernel's schedstat. This checks the bookkeeping per burst and " +
      'the cost of reading the clock. It is not a second clock.',
  );
}

/** Returns the CPU seconds that the kernel counts per burst of `rule`. */
function replay(work: Work, rule: Rule): number {
  const count = Math.ceil(REPLAY_MILLIS / rule.burstMillis);
  const before = kernelSeconds();
  for (let burst = 0; burst < count; burst++) work.run(rule);
  return (kernelSeconds() - before) / count;
}

function kernelSeconds(): number {
  return schedulerStatistics().cpuNanos / 1e9;
}
