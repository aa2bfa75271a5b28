import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccuracyCell } from './cases';
import { measure } from './measure';
import { measurePeer } from './measurePeer';
import { writeRaw } from './raw';
import type { RunResult, Side } from './results';
import { summarize } from './summarize';

export interface RunOptions {
  readonly windows: number;
  /** The processor that this process is pinned to. */
  readonly cpu: number | undefined;
  /** Folder to write all samples to. */
  readonly raw: string | undefined;
}

/** Runs `cell` in this process. */
export async function runHere(
  cell: AccuracyCell,
  side: Side,
  { windows, cpu, raw }: RunOptions,
): Promise<RunResult> {
  const result = { cell: cell.name, side, versions: versionsOf(side) };
  if (side === 'dd-trace' || side === 'pyroscope') {
    const seconds = windows * cell.windowSeconds;
    return { ...result, windows: [await measurePeer(cell, side, seconds, cpu)] };
  }
  const measured = await measure(cell, side === 'fair', windows, cpu);
  if (raw !== undefined) writeRaw(raw, cell.name, side, measured);
  return { ...result, windows: measured.map(summarize) };
}

const PACKAGES: Record<Side, string> = {
  fair: '@rulescope/profiler',
  unfair: '@rulescope/profiler',
  'dd-trace': 'dd-trace-6',
  pyroscope: '@pyroscope/nodejs',
};

function versionsOf(side: Side): string[] {
  const name = PACKAGES[side];
  const root = join(__dirname, '../../../..');
  const folder = name.startsWith('@rulescope/')
    ? join(root, 'packages', name.slice('@rulescope/'.length))
    : join(root, 'benchmarks/peers/node_modules', name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return [
    `Node.js ${process.versions.node}`,
    `${side === 'fair' || side === 'unfair' ? 'rulescope' : side} ${version}`,
  ];
}
