/**
 * In a process of its own: runs scenarios one after another under the subject named by the first
 * argument and prints the verdicts as JSON. More arguments name the scenarios; without them, all run.
 */
import { AsyncResource } from 'node:async_hooks';
import { type Subject, createSubject } from '@rulescope/benchmarks';
import { Stage } from './Stage';
import { SCENARIOS } from './scenarios';

const INTERVAL_MICROS = 997;

/** CPU at each place: twice what a quiet machine needs. dd-trace samples ten times more seldom than it could be asked to. */
function burnMillis({ name }: Subject): number {
  return name === 'dd-trace' ? 120 : 80;
}

async function main(name: string, chosen: readonly string[]): Promise<void> {
  const subject = createSubject(name);
  const stage = new Stage(subject, burnMillis(subject));
  await subject.start(INTERVAL_MICROS);
  for (const scenario of SCENARIOS) {
    if (chosen.length > 0 && !chosen.includes(scenario.name)) continue;
    if (scenario.needs === 'otel' && name !== 'rulescope') continue;
    if (scenario.available?.() === false) continue;
    stage.begin(scenario.name);
    // In a flow of its own: what a scenario attaches and disposes behind an await would stay on in ours.
    await new AsyncResource('scenario').runInAsyncScope(() => scenario.run(stage));
    subject.reset?.();
  }
  process.stdout.write(JSON.stringify(stage.judge(await subject.stop())), () => process.exit());
}

const [, , subject = 'rulescope', ...chosen] = process.argv;
main(subject, chosen).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
