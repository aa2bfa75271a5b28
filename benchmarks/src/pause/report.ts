import { median, quantile, sum } from '../statistics';
import type { ClosedWindow, PauseOptions } from './measure';
import type { PauseSubjectName } from './subjects';

export type Results = ReadonlyMap<PauseSubjectName, readonly ClosedWindow[]>;

/** rulescope's rows. Compare peers with the second: it encodes its profile, as the peers do. */
const OURS: readonly PauseSubjectName[] = ['rulescope', 'rulescope + pprof'];

export function printTable(node: string, results: Results, options: PauseOptions): void {
  const row = (cells: readonly (string | number)[]): void =>
    console.log(`| ${cells.join(' | ')} |`);
  const head = ['profiler', 'windows', 'tree nodes', 'samples', 'native sampler, ms'];
  head.push(
    'median, ms',
    'p99, ms',
    'max, ms',
    'before closing: median, ms',
    'before closing: p99, ms',
  );
  for (const ours of OURS) head.push(`median / ${ours}`, `p99 / ${ours}`);
  head.push('time without samples');
  console.log(
    `\nNode.js ${node}: longest turn of the event loop when a window of ${options.windowMillis / 1000} s closes\n`,
  );
  row(head);
  row(head.map(() => '---'));
  for (const [name, windows] of results) {
    const pauses = pausesOf(windows);
    const baselines = windows.map(({ baselineMillis }) => baselineMillis);
    row([
      name,
      windows.length,
      Math.round(median(windows.map(({ nodes }) => nodes))),
      Math.round(median(windows.map(({ samples }) => samples))),
      median(windows.map(({ nativeMillis }) => nativeMillis)).toFixed(1),
      ...[0.5, 0.99, 1].map((q) => quantile(pauses, q).toFixed(1)),
      ...[0.5, 0.99].map((q) => quantile(baselines, q).toFixed(1)),
      ...OURS.flatMap((ours) =>
        [0.5, 0.99].map((q) => ratio(pauses, pausesOf(results.get(ours) ?? []), q)),
      ),
      lostShare(windows, options),
    ]);
  }
}

function pausesOf(windows: readonly ClosedWindow[]): number[] {
  return windows.map(({ pauseMillis }) => pauseMillis);
}

function ratio(values: readonly number[], ours: readonly number[], q: number): string {
  return (quantile(values, q) / quantile(ours, q)).toFixed(2);
}

/** Returns the share of the time that is lost between windows, because the sampler restarts. */
function lostShare(windows: readonly ClosedWindow[], { windowMillis }: PauseOptions): string {
  const lostMillis = sum(windows.map(({ lostMicros }) => lostMicros / 1000));
  return `${((100 * lostMillis) / (windows.length * windowMillis)).toFixed(3)} %`;
}
