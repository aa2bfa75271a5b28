import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a profiler runs as: rulescope, rulescope without fair sampling, or a peer. */
export type Side = 'fair' | 'unfair' | 'dd-trace' | 'pyroscope';

export const SIDES: readonly Side[] = ['fair', 'unfair', 'dd-trace', 'pyroscope'];

/** What a profiler says of a rule in a window. */
export interface Figure {
  readonly cpuSeconds: number;
  readonly hits: number;
  /** Peers state none. */
  readonly standardErrorSeconds?: number;
}

/** One window of a run. A peer's run is one window. */
export interface WindowResult {
  /** CPU by rule, seconds. */
  readonly truth: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<string, Figure>>;
  /** What only rulescope tells. */
  readonly details?: WindowDetails;
}

export interface WindowDetails {
  /** CPU of the process by its own clock, seconds. */
  readonly processSeconds: number;
  /** Where the attribution put the CPU of the process, seconds. */
  readonly ledger: Readonly<
    Record<'rules' | 'unlabeled' | 'gc' | 'runtime' | 'otherThreads', number>
  >;
  /** CPU of the thread, as the kernel counts it, seconds. */
  readonly kernelCpuSeconds: number;
  /** Time for which the thread waited for a processor, as the kernel counts it, seconds. */
  readonly kernelWaitSeconds: number;
  readonly complete: boolean;
  readonly fair: boolean;
  readonly contended: boolean;
  readonly quality?: number | undefined;
}

/** One run of a cell under one side. */
export interface RunResult {
  readonly cell: string;
  readonly side: Side;
  /** Of the runtime and the profiler, as in `Node.js 24.1.0`. */
  readonly versions: readonly string[];
  /** Of the repository at the run, as in `3aa79df`; results of before it was kept have none. */
  readonly commit?: string | undefined;
  readonly windows: readonly WindowResult[];
}

/** Keeps results in a file of JSON lines, so that a run can be resumed. */
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

  /** Adds `result`, in place of an older one of the same cell and side. */
  add(result: RunResult): void {
    this.byKey.set(keyOf(result.cell, result.side), result);
    appendFileSync(this.path, `${JSON.stringify(result)}\n`);
  }

  /** Returns the versions of all that was measured. */
  versions(): string[] {
    return [...new Set([...this.byKey.values()].flatMap(({ versions }) => versions))].sort();
  }

  /** Returns the commits of all that was measured, as far as they are known. */
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
