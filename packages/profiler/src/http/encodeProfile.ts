import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Profile } from '../pprof/Profile';

const gzipAsync = promisify(gzip);

/** `profile` as `go tool pprof` reads it: encoded in slices between which the event loop goes on, compressed off the thread. */
export async function encodeProfile(profile: Profile): Promise<Uint8Array> {
  return gzipAsync(await profile.encodeAsync());
}
