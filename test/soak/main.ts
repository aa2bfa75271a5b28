/**
 * `npm run soak`: runs everything at once, under load, for minutes: 500 changing rules, terminated
 * workers, a pool, consumers that throw, reject or sleep, spans, the drop-in API, profiles over
 * HTTP, clients that abort, and scrapes. Prints what each of them did and lost, and the growth of
 * memory.
 * Exit code 1 if anything was lost, if memory grew or if the application did not end by itself.
 *
 *     --minutes N        default 10; the first third is warm-up for the memory
 */
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { run } from '../support/processes';
import { type AppReport, type Memory, Tally, startStressor } from './Tally';
import { pprofClients, scraper } from './clients';

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(options.minutes);
if (!(minutes > 0)) {
  throw new RangeError(`--minutes must be a positive number; got ${options.minutes}`);
}

/** Largest growth of resident memory after the warm-up, as a fraction. */
const MAX_GROWTH = 0.05;
/** Longest time from SIGTERM to the end of the application, milliseconds. */
const MAX_SHUTDOWN_MILLIS = 60_000;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Compares the medians of the first fifth after the warm-up and of the last fifth of the time. */
function compareMemory(memory: readonly Memory[]): Tally {
  const tally = new Tally();
  const rss = memory.map((each) => each.rss);
  const fifth = Math.ceil(rss.length / 5);
  const early = median(rss.slice(Math.floor(rss.length / 3)).slice(0, fifth));
  const late = median(rss.slice(-fifth));
  const growth = late / early - 1;
  const tenth = Math.ceil(memory.length / 10);
  const tenths = Array.from({ length: 10 }, (_, i) => memory.slice(i * tenth, (i + 1) * tenth));
  const resident = tenths.map((each) => median(each.map(({ rss }) => rss)));
  console.log(`Resident memory in each tenth of the time: ${resident.map(megabytes).join(', ')}`);
  // The smallest reading, just after a garbage collection, is closest to the live objects.
  const heap = tenths.map((each) => Math.min(...each.map(({ heapUsed }) => heapUsed)));
  console.log(`Heap of the main thread, minimum in each tenth: ${heap.map(megabytes).join(', ')}`);
  const percent = (100 * growth).toFixed(1);
  console.log(
    `Resident memory from the end of the warm-up (${megabytes(early)}) to the last fifth (${megabytes(late)}): ${percent} %`,
  );
  tally.check(growth < MAX_GROWTH, `memory grew by ${percent} %`);
  return tally;
}

async function soak(): Promise<void> {
  const app = run(process.execPath, [join(__dirname, 'app.js')]);
  const [base] = await app.waitFor(/http:\/\/127\.0\.0\.1:\d+/);
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const tallies: Record<string, Tally> = {};
  const clients = [
    startStressor(tallies, 'pprof', pprofClients(base), ending.signal),
    startStressor(tallies, 'metrics', scraper(base), ending.signal),
  ];
  // An application that crashes ends the soak.
  await Promise.race([sleep(minutes * 60_000, undefined, { ref: false }), app.ended]);
  ending.abort();
  await Promise.all(clients);

  const end = new Tally();
  const tooLate = setTimeout(() => {
    end.check(false, 'the application did not end by itself');
    app.child.kill('SIGKILL');
  }, MAX_SHUTDOWN_MILLIS);
  const { code, signal } = await app.stop();
  clearTimeout(tooLate);
  end.check(code === 0, `the application ended with ${code ?? signal}:\n${app.output()}`);
  const [, ...lines] = app.output().trimEnd().split('\n');
  const report = lines.at(-1)?.startsWith('{')
    ? (JSON.parse(lines.pop()!) as AppReport)
    : undefined;
  end.check(lines.length === 0, `the application printed: ${lines.join('\n')}`);

  console.log(`Node.js ${process.version}, ${minutes} minutes`);
  const all = { ...report?.tallies, ...tallies };
  for (const [name, { did, lost }] of Object.entries(all)) {
    const done = Object.entries(did).map(([what, times]) => `${times} ${what}`);
    console.log(`${name}: ${done.join(', ')}; lost: ${lost.length}`);
  }
  const lost = [...Object.values(all), compareMemory(report?.memory ?? []), end].flatMap(
    (each) => each.lost,
  );
  console.log(lost.length === 0 ? 'Lost: nothing.' : `Lost:\n${lost.join('\n')}`);
  process.exitCode = lost.length === 0 ? 0 : 1;
}

void soak();
