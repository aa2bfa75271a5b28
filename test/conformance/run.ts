/**
 * Runs scenarios one after another under a profiler and prints the verdicts as JSON. Arguments: the
 * name of the profiler, the milliseconds of CPU to burn at each place, and the names of scenarios
 * (default: all).
 */
import { AsyncResource } from 'node:async_hooks';
import { type Subject, createSubject } from '@rulescope/benchmarks';
import { Stage } from './Stage';
import { SCENARIOS } from './scenarios';

const INTERVAL_MICROS = 997;

/**
 * Returns the CPU to burn at each place by default: twice the need of a quiet machine. dd-trace
 * needs more, because it samples at a tenth of the configured rate.
 */
function defaultMillis({ name }: Subject): number {
  return name === 'dd-trace' ? 120 : 80;
}

async function main(name: string, millis: string | undefined, chosen: string[]): Promise<void> {
  const subject = createSubject(name);
  const stage = new Stage(subject, Number(millis ?? defaultMillis(subject)));
  await subject.start(INTERVAL_MICROS);
  for (const scenario of SCENARIOS) {
    if (chosen.length > 0 && !chosen.includes(scenario.name)) continue;
    if (scenario.needs === 'otel' && name !== 'rulescope') continue;
    if (scenario.available?.() === false) continue;
    stage.begin(scenario.name);
    // Each scenario has its own flow: an attached Context must not stay in the flow of main().
    await new AsyncResource('scenario').runInAsyncScope(() => scenario.run(stage));
    subject.reset?.();
  }
  process.stdout.write(JSON.stringify(stage.judge(await subject.stop())), () => process.exit());
}

const [, , subject = 'rulescope', millis, ...chosen] = process.argv;
main(subject, millis, chosen).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
