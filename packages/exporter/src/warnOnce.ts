import { perThread, slotKey } from '@rulescope/profiler/internal';

const WARNED = slotKey<Set<string>>('exporterWarnings', 1);

/** Warns on stderr, at most once per thread and `code`. */
export function warnOnce(code: string, message: string): void {
  const warned = perThread(WARNED, () => new Set());
  if (warned.has(code)) return;
  warned.add(code);
  process.emitWarning(`rulescope: ${message}`, { code });
}
