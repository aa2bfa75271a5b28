import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The profiler of a run: rulescope (`fair`), rulescope without fair sampling, or a peer. */
export type Side = 'fair' | 'unfair' | 'dd-trace' | 'pyroscope';

export const SIDES: readonly Side[] = ['fair', 'unfair', 'dd-trace', 'pyroscope'];

/** What a profiler reports for one rule in one window. */
export interface Figure {
  readonly cpuSeconds: number;
  readonly hits: number;
  /** Peers report no standard error. */
  readonly standardErrorSeconds?: number;
}

/** One window of a run. A peer's run has a single window. */
export interface WindowResult {
  /** True CPU per rule, in seconds. */
  readonly truth: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<string, Figure>>;
  /** What only rulescope reports. */
  readonly details?: WindowDetails;
}

export interface WindowDetails {
  /** CPU of the process by `process.cpuUsage()`, in seconds. */
  readonly processSeconds: number;
  /** How the attribution divides the CPU of the process, in seconds. */
  readonly ledger: Readonly<
    Record<'rules' | 'unlabeled' | 'gc' | 'runtime' | 'otherThreads', number>
  >;
  /** CPU of the thread by the kernel's count, in seconds. */
  readonly kernelCpuSeconds: number;
  /** Time the thread waited for a processor, by the kernel's count, in seconds. */
  readonly kernelWaitSeconds: number;
  readonly complete: boolean;
  readonly fair: boolean;
  readonly contended: boolean;
  readonly quality?: number | undefined;
}

/** One run of a cell with one profiler. */
export interface RunResult {
  readonly cell: string;
  readonly side: Side;
  /** Versions of the runtime and the profiler, such as `Node.js 24.1.0`. */
  readonly versions: readonly string[];
  /** Commit of the repository, such as `3aa79df`. The oldest results have no commit. */
  readonly commit?: string | undefined;
  readonly windows: readonly WindowResult[];
}

/** Stores results in a file of JSON lines, so that an interrupted command can resume. */
export class ResultsFile {
  private readonly byKey = new Map<string, RunResult>();

  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true });
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const result = JSON.parse(line) as RunResult;
      this.byKey.set(keyOf(result.cell, result.side), result);
    }
  }

  /** Adds `result`. It replaces an older result of the same cell and side. */
  add(result: RunResult): void {
    this.byKey.set(keyOf(result.cell, result.side), result);
    appendFileSync(this.path, `${JSON.stringify(result)}\n`);
  }

  /** Returns the versions of all results. */
  versions(): string[] {
    return [...new Set([...this.byKey.values()].flatMap(({ versions }) => versions))].sort();
  }

  /** Returns the commits of all results, `unknown` included. */
  commits(): string[] {
    return [...new Set([...this.byKey.values()].map(({ commit = 'unknown' }) => commit))].sort();
  }

  get(cell: string, side: Side): RunResult | undefined {
    return this.byKey.get(keyOf(cell, side));
  }
}

function keyOf(cell: string, side: Side): string {
  return `${cell} | ${side}`;
}
