/**
 * `npm run soak`: runs everything at once, under load, for minutes: 500 changing rules, terminated
 * workers, a pool, consumers that throw, reject or sleep, spans, the drop-in API, profiles over
 * HTTP, clients that abort, and scrapes. Prints what each of them did and lost, and the growth of
 * memory.
 * Exit code 1 if anything was lost, if memory grew or if the application did not end by itself.
 *
 *     --minutes N        default 10; the first half is warm-up for the memory
 */
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { run } from '../support/processes';
import { type AppReport, Tally, startStressor } from './Tally';
import { pprofClients, scraper } from './clients';
import { compareMemory } from './memory';

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(options.minutes);
if (!(minutes > 0)) {
  throw new RangeError(`--minutes must be a positive number; got ${options.minutes}`);
}

/** Longest time from SIGTERM to the end of the application, milliseconds. */
const MAX_SHUTDOWN_MILLIS = 60_000;

async function soak(): Promise<void> {
  const app = run(process.execPath, [join(__dirname, 'app.js')]);
  const [base] = await app.waitFor(/http:\/\/127\.0\.0\.1:\d+/);
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const tallies: Record<string, Tally> = {};
  const clients = [
    startStressor(tallies, 'pprof', pprofClients(base, app.child.pid!), ending.signal),
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
