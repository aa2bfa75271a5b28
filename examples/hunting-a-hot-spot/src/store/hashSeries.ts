import { createHash } from 'node:crypto';
import type { Series } from './Series';

let buffer = new Uint32Array(0);

/** Returns a hash of the name and all chunks of a series. */
export function hashSeries({ name, chunks }: Series): string {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (buffer.length < length) buffer = new Uint32Array(2 * length);
  let place = 0;
  for (const chunk of chunks) {
    chunk.copyTo(buffer, place);
    place += chunk.length;
  }
  const hash = createHash('sha256').update(JSON.stringify(name));
  return hash.update(buffer.subarray(0, length)).digest('base64');
}
