import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Truth } from './Truth';
import type { AccuracyCase } from './cases';
import { type Burst, createBurst } from './work';

/** Calls `fn` in the rule `id`. */
export type WithRule = <R>(id: string, fn: () => R) => R;

/** Between two bursts of a flow lies this much time at least: timers know nothing shorter. */
const MIN_PAUSE_MILLIS = 4;

/** Runs the work of `target` for its time. */
export async function drive(target: AccuracyCase, withRule: WithRule, truth: Truth): Promise<void> {
  const { burst, close } = createBurst(target.kind);
  const draw = drawRule(target);
  const runBurst = (): void | Promise<void> => {
    const { id, millis } = draw();
    return withRule(id, () => burst(millis, (piece) => truth.measure(id, piece)));
  };
  if (target.kind === 'http') await serve(target, burst, draw, withRule, truth);
  else await loop(target, runBurst);
  close();
}

/** Several flows, each bursts with exponential pauses between, so that together they make the load. */
async function loop(target: AccuracyCase, runBurst: () => void | Promise<void>): Promise<void> {
  const end = Date.now() + target.seconds * 1000;
  const { load } = target;
  const burst = meanBurst(target);
  const flows = load === 1 ? 1 : Math.max(1, Math.ceil((MIN_PAUSE_MILLIS * load) / burst));
  const meanPause = (burst * flows) / load - burst;
  const flow = async (): Promise<void> => {
    while (Date.now() < end) {
      await runBurst();
      if (load === 1) await new Promise(setImmediate);
      else await sleep(exponential(meanPause));
    }
  };
  await Promise.all(Array.from({ length: flows }, flow));
}

/** Requests from another process. The rule is entered in the handler, and what it does is measured as a whole. */
async function serve(
  target: AccuracyCase,
  burst: Burst,
  draw: ReturnType<typeof drawRule>,
  withRule: WithRule,
  truth: Truth,
): Promise<void> {
  const server = createServer((_, response) => {
    const { id, millis } = draw();
    withRule(id, () =>
      truth.measure(id, () => {
        void burst(millis, (piece) => piece());
        response.end('done');
      }),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const rate = target.load / (meanBurst(target) / 1000);
  const client = fork(join(__dirname, 'client.js'), [
    String(port),
    String(rate),
    String(target.seconds),
  ]);
  await once(client, 'exit');
  server.closeAllConnections();
  await once(server.close(), 'close');
}

/** Rules with uneven shares: the n-th is drawn with weight 1/n. */
function drawRule({ rules, burstMillis }: AccuracyCase): () => { id: string; millis: number } {
  const weights = Array.from({ length: rules }, (_, index) => 1 / (index + 1));
  const total = weights.reduce((all, weight) => all + weight, 0);
  return () => {
    let rest = Math.random() * total;
    let index = 0;
    while (index < rules - 1 && (rest -= weights[index] ?? 0) > 0) index++;
    return { id: `rule-${index}`, millis: burstMillis[index % burstMillis.length] ?? 0 };
  };
}

function meanBurst({ burstMillis }: AccuracyCase): number {
  return burstMillis.reduce((all, millis) => all + millis, 0) / burstMillis.length;
}

export function exponential(mean: number): number {
  return -Math.log(1 - Math.random()) * mean;
}
