import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { toPprof } from '@rulescope/profiler/pprof';
import { median } from '../statistics';
import { type ExportSubjectName, createExportSubject } from './subjects';
import { MAX_RULES_PER_WINDOW, rulesOf, windowWith } from './windows';

/** What one subject costs with one number of live rules. */
export interface ExportCosts {
  /** CPU of the process per window that is added, milliseconds. */
  readonly windowMillis: number;
  /** The same for encoding the window to pprof, without compression. */
  readonly pprofMillis: number;
  readonly scrapeMillis: number;
  /** Heap that the subject keeps, bytes. */
  readonly heapBytes: number;
  /** Length of the text of a scrape. */
  readonly scrapeBytes: number;
}

const WARM_UP_WINDOWS = 5;
const WINDOWS = 10;
const SCRAPE_SECONDS = 2;
const MIN_SCRAPES = 5;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Makes `rules` rules live, and then measures windows and scrapes. */
export async function measure(name: ExportSubjectName, rules: number): Promise<ExportCosts> {
  const before = heapBytes();
  const subject = createExportSubject(name, rules);
  const filling = Math.ceil(rules / MAX_RULES_PER_WINDOW) + WARM_UP_WINDOWS;
  const windowMillis: number[] = [];
  const pprofMillis: number[] = [];
  for (let sequence = 0; sequence < filling + WINDOWS; sequence++) {
    const ids = rulesOf(sequence, rules);
    const window = windowWith(sequence, ids);
    const own = cpuMillisOf(() => subject.add(window, ids));
    // A copy, because a window keeps what was computed for it.
    const copy = windowWith(sequence, ids);
    const pprof = cpuMillisOf(() => toPprof(copy).encode());
    if (sequence < filling) continue;
    windowMillis.push(own);
    pprofMillis.push(pprof);
  }
  const scrapeMillis: number[] = [];
  const scrapeBytes: number[] = [];
  for (const start = performance.now(); ;) {
    const since = process.cpuUsage();
    const text = await subject.scrape();
    scrapeMillis.push(cpuMillisSince(since));
    scrapeBytes.push(Buffer.byteLength(text));
    const seconds = (performance.now() - start) / 1_000;
    if (scrapeMillis.length >= MIN_SCRAPES && seconds > SCRAPE_SECONDS) break;
  }
  return {
    windowMillis: median(windowMillis),
    pprofMillis: median(pprofMillis),
    scrapeMillis: median(scrapeMillis),
    heapBytes: heapBytes() - before,
    scrapeBytes: median(scrapeBytes),
  };
}

function cpuMillisOf(work: () => unknown): number {
  gc();
  const since = process.cpuUsage();
  work();
  return cpuMillisSince(since);
}

function cpuMillisSince(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

function heapBytes(): number {
  gc();
  return process.memoryUsage().heapUsed;
}
