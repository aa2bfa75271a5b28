/** Clients that request profiles and metrics from the application. They run in another process. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, get } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import type { Stressor } from './Tally';
import { between, pause } from './pace';

async function request(url: string): Promise<{ status: number; body: Buffer }> {
  const [response] = (await once(get(url), 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await buffer(response) };
}

/** CPU of the main thread that cannot be without a sample, seconds. */
const MIN_SAMPLED_SECONDS = 0.2;

/** Returns the CPU that the main thread of the process `pid` has used, seconds. */
function mainThreadSeconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
}

/** Clients of /debug/pprof. Some leave before the response, and some send invalid requests. */
export function pprofClients(base: string, pid: number): Stressor {
  const url = (query: string): string => `${base}/debug/pprof/${query}`;
  return async (tally, ended) => {
    const patient = async (query: string): Promise<void> => {
      while (!ended.aborted) {
        const before = mainThreadSeconds(pid);
        const { status, body } = await request(url(query));
        const used = mainThreadSeconds(pid) - before;
        if (status === 429) {
          tally.count('refused: too many requests');
        } else if (status === 200) {
          const { sample, comment, stringTable } = Profile.decode(gunzipSync(body));
          const comments = comment.map((index) => stringTable.strings[Number(index)] ?? '');
          // If V8's sampler is stuck, a profile can be empty. Its comment then reports this. The
          // steady rule can be without CPU for two seconds on a busy machine.
          const why = ['incomplete', 'no sample has that rule'].find((start) =>
            comments.some((remark) => remark.startsWith(start)),
          );
          tally.count(why === undefined ? 'profiles' : `profiles (${why})`);
          tally.check(
            sample.length > 0 || why !== undefined || used < MIN_SAMPLED_SECONDS,
            `${query}: no samples of ${used} s of CPU`,
          );
        } else {
          tally.check(false, `${query}: ${status} ${String(body)}`);
        }
        await pause(between(0, 3_000), ended);
      }
    };
    const impatient = async (): Promise<void> => {
      while (!ended.aborted) {
        const asking = get(url('profile?seconds=30'));
        asking.on('error', () => undefined);
        await pause(between(1, 500), ended);
        asking.destroy();
        tally.count('aborted requests');
      }
    };
    const confused = async (): Promise<void> => {
      while (!ended.aborted) {
        const { status } = await request(url('profile?seconds=never'));
        tally.count('refused: invalid');
        tally.check(status === 400, `seconds=never: ${status}`);
        await pause(500, ended);
      }
    };
    await Promise.all([
      patient('profile?seconds=2'),
      patient('profile?seconds=3'),
      patient('profile?seconds=0.5&hz=500'),
      patient('profile?seconds=1&lines=1'),
      patient('profile?seconds=2&rule=steady&rule=nobody'),
      patient('heap'),
      ...Array.from({ length: 4 }, impatient),
      confused(),
    ]);
    // All slots are free again, including the slots of aborted requests.
    const last = await Promise.all(
      Array.from({ length: 8 }, () => request(url('profile?seconds=0.2'))),
    );
    for (const { status } of last) tally.check(status === 200, `at the end: ${status}`);
  };
}

/** Scrapes /metrics every second. Checks that no counter falls or disappears. */
export function scraper(base: string): Stressor {
  return async (tally, ended) => {
    const last = new Map<string, number>();
    while (!ended.aborted) {
      const { status, body } = await request(`${base}/metrics`);
      tally.count('scrapes');
      tally.check(status === 200, `metrics: ${status}`);
      const seen = new Set<string>();
      for (const [, series = '', value] of String(body).matchAll(/^(\w+_total\{.*\}) (\S+)/gm)) {
        seen.add(series);
        const before = last.get(series) ?? 0;
        tally.check(Number(value) >= before, `${series} fell from ${before} to ${value}`);
        last.set(series, Number(value));
      }
      for (const series of last.keys()) tally.check(seen.has(series), `${series} is gone`);
      await pause(1_000, ended);
    }
    tally.count('series', last.size);
  };
}
