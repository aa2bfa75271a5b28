/** Those who ask the application for profiles and metrics, from a process of their own. */
import { once } from 'node:events';
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

/** Programs that want profiles, of which some leave before they have them, and some ask for nonsense. */
export function pprofClients(base: string): Stressor {
  const url = (query: string): string => `${base}/debug/pprof/${query}`;
  return async (tally, ended) => {
    const patient = async (query: string): Promise<void> => {
      while (!ended.aborted) {
        const { status, body } = await request(url(query));
        if (status === 429) {
          tally.count('sent away: too many');
        } else if (status === 200) {
          const { sample, comment, stringTable } = Profile.decode(gunzipSync(body));
          // Of a V8 that got stuck there may be nothing, and the profile says so.
          const told = comment
            .map((index) => stringTable.strings[Number(index)] ?? '')
            .some((remark) => remark.startsWith('incomplete'));
          tally.count(told ? 'incomplete, as they say' : 'profiles');
          tally.check(sample.length > 0 || told, `${query}: no samples`);
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
        tally.count('left before the end');
      }
    };
    const confused = async (): Promise<void> => {
      while (!ended.aborted) {
        const { status } = await request(url('profile?seconds=never'));
        tally.count('refused');
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
    // All the places are free again, also those of whoever left.
    const last = await Promise.all(
      Array.from({ length: 8 }, () => request(url('profile?seconds=0.2'))),
    );
    for (const { status } of last) tally.check(status === 200, `at the end: ${status}`);
  };
}

/** A Prometheus that scrapes every second. No counter falls, and none is lost. */
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
