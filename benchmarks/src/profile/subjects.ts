import { once } from 'node:events';
import { type IncomingMessage, createServer, get } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type ProfileWindow, runWithLabels, sharedCollector } from '@rulescope/profiler';
import { time } from '@rulescope/profiler/datadog';
import { createPprofHandler } from '@rulescope/profiler/http';
import { encodeInTurns, toPprof, toPprofInTurns } from '@rulescope/profiler/pprof';

/** A way to record a long profile with a label per rule. */
export interface ProfileSubject {
  /**
   * Records for `seconds`, and returns the compressed bytes.
   * @param end Called when the recording ends.
   */
  record(seconds: number, end: () => void): Promise<Uint8Array>;
  withRule(rule: string, fn: () => void): void;
}

/** The subjects, in the order of the table rows. */
export const PROFILE_SUBJECTS = [
  'rulescope, /debug/pprof/profile',
  'rulescope, /debug/pprof/profile?lines=1',
  'rulescope, toPprofInTurns of a span',
  'rulescope, toPprof of a span',
  'rulescope, time.stop',
  '@datadog/pprof, time.stop',
] as const;

export type ProfileSubjectName = (typeof PROFILE_SUBJECTS)[number];

export function createProfileSubject(name: ProfileSubjectName): ProfileSubject {
  switch (name) {
    case 'rulescope, /debug/pprof/profile':
      return handler('');
    case 'rulescope, /debug/pprof/profile?lines=1':
      return handler('&lines=1');
    case 'rulescope, toPprofInTurns of a span':
      return span(async (window) => encodeInTurns(await toPprofInTurns(window)));
    case 'rulescope, toPprof of a span':
      return span((window) => toPprof(window).encodeAsync());
    case 'rulescope, time.stop':
      return timeProfiler(time);
    case '@datadog/pprof, time.stop':
      return timeProfiler((loadDatadog('@datadog/pprof') as { time: Time }).time);
  }
}

/** @param query Parameters of the request beside its length and its rate. */
function handler(query: string): ProfileSubject {
  const server = createServer(createPprofHandler());
  return {
    withRule: (rule, fn) => runWithLabels({ rule }, fn),
    async record(seconds, end) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/debug/pprof/profile?seconds=${seconds}&hz=1000${query}`;
      setTimeout(end, seconds * 1000);
      const [response] = (await once(get(url), 'response')) as [IncomingMessage];
      const chunks: Uint8Array[] = [];
      for await (const chunk of response) chunks.push(chunk as Uint8Array);
      return Buffer.concat(chunks);
    },
  };
}

/** @param encode Converts the window of the span. */
function span(encode: (window: ProfileWindow) => Promise<Uint8Array>): ProfileSubject {
  return {
    withRule: (rule, fn) => runWithLabels({ rule }, fn),
    async record(seconds, end) {
      const opened = sharedCollector().openSpan({ samplingIntervalMicros: 1010 });
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      end();
      return promisify(gzip)(await encode(opened.close()));
    },
  };
}

type Time = Pick<typeof time, 'start' | 'stop' | 'setContext'>;

function timeProfiler({ start, stop, setContext }: Time): ProfileSubject {
  let running = false;
  return {
    withRule(rule, fn) {
      // The original throws when it is not running.
      if (running) setContext({ rule });
      fn();
      if (running) setContext({});
    },
    async record(seconds, end) {
      const options = { withContexts: true, collectCpuTime: true, workaroundV8Bug: false };
      start({ ...options, intervalMicros: 1010, durationMillis: seconds * 1000 });
      running = true;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      end();
      running = false;
      return promisify(gzip)(await stop().encodeAsync());
    },
  };
}

/** Loads a package that only the profiler depends on. */
function loadDatadog(name: string): unknown {
  return createRequire(require.resolve('@rulescope/profiler'))(name);
}
