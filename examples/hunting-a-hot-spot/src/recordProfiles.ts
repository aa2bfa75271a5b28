import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sharedCollector } from '@rulescope/profiler';
import { ProfileSum } from '@rulescope/profiler/pprof';

/**
 * Records the CPU profile of each thread. Returns a function that ends this and writes them to
 * `directory`: `main.pb.gz` and `worker-1.pb.gz` and so on. `go tool pprof` sums all that it gets.
 */
export function recordProfiles(directory: string): () => Promise<void> {
  mkdirSync(directory, { recursive: true });
  const sums = new Map<number, ProfileSum>();
  const collector = sharedCollector();
  const consumer = collector.addConsumer('hunt-profiles', (window) => {
    if (window.error !== undefined) return;
    const { threadId } = window.origin;
    let sum = sums.get(threadId);
    if (sum === undefined) sums.set(threadId, (sum = new ProfileSum()));
    sum.add(window);
  });
  return async () => {
    await collector.forceFlush();
    await consumer.remove();
    for (const [threadId, sum] of sums) {
      const name = threadId === 0 ? 'main' : `worker-${threadId}`;
      writeFileSync(join(directory, `${name}.pb.gz`), gzipSync(sum.build().encode()));
    }
  };
}
