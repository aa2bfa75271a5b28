import type { ProfileCollector } from '@rulescope/profiler';

/**
 * Returns a function that returns the windows missed from now on, by the name of the consumer. The
 * collector lives longer than the metrics of one MeterProvider.
 */
export function droppedSince(collector: ProfileCollector): () => ReadonlyMap<string, number> {
  const before = collector.droppedWindows();
  return () => {
    const dropped = [...collector.droppedWindows()];
    return new Map(dropped.map(([name, count]) => [name, count - (before.get(name) ?? 0)]));
  };
}
