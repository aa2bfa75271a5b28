/**
 * `npm run soak`: everything at once under load for minutes: 500 rules that come and go, workers that are terminated, a pool, consumers that
 * throw, reject and sleep, spans, the drop-in API, profiles over HTTP and clients that leave, scrapes. Prints what each did and what was lost,
 * how the memory grew, and whether the application ended by itself. Exit code 1 if anything was lost.
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
  throw new RangeError(`--minutes must be a positive number, got ${options.minutes}`);
}

/** Of the resident memory after the warm-up. */
const MAX_GROWTH = 0.05;
/** For an application that was told to end, milliseconds. */
const MAX_FAREWELL = 60_000;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Compares the medians of the fifth of the time after the warm-up and of the last fifth. */
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
  console.log(`Resident memory, tenth by tenth: ${resident.map(megabytes).join(', ')}`);
  // Nearest to what is alive: the least that was seen, just after a garbage collection.
  const heap = tenths.map((each) => Math.min(...each.map(({ heapUsed }) => heapUsed)));
  console.log(`Heap of the main thread, least of each tenth: ${heap.map(megabytes).join(', ')}`);
  const percent = (100 * growth).toFixed(1);
  console.log(
    `Resident from the warm-up's end (${megabytes(early)}) to the last fifth (${megabytes(late)}): ${percent} %`,
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
  }, MAX_FAREWELL);
  const { code, signal } = await app.stop();
  clearTimeout(tooLate);
  end.check(code === 0, `the application ended with ${code ?? signal}:\n${app.output()}`);
  const [, ...said] = app.output().trimEnd().split('\n');
  const report = said.at(-1)?.startsWith('{') ? (JSON.parse(said.pop()!) as AppReport) : undefined;
  end.check(said.length === 0, `the application said: ${said.join('\n')}`);

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
