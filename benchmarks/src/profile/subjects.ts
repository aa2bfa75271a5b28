import { once } from 'node:events';
import { type IncomingMessage, createServer, get } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { runWithLabels } from '@rulescope/profiler';
import { time } from '@rulescope/profiler/datadog';
import { createPprofHandler } from '@rulescope/profiler/http';

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
  'rulescope, time.stop',
  '@datadog/pprof, time.stop',
] as const;

export type ProfileSubjectName = (typeof PROFILE_SUBJECTS)[number];

export function createProfileSubject(name: ProfileSubjectName): ProfileSubject {
  switch (name) {
    case 'rulescope, /debug/pprof/profile':
      return handler();
    case 'rulescope, time.stop':
      return timeProfiler(time);
    case '@datadog/pprof, time.stop':
      return timeProfiler((loadDatadog('@datadog/pprof') as { time: Time }).time);
  }
}

function handler(): ProfileSubject {
  const server = createServer(createPprofHandler());
  return {
    withRule: (rule, fn) => runWithLabels({ rule }, fn),
    async record(seconds, end) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/debug/pprof/profile?seconds=${seconds}&hz=1000`;
      setTimeout(end, seconds * 1000);
      const [response] = (await once(get(url), 'response')) as [IncomingMessage];
      const chunks: Uint8Array[] = [];
      for await (const chunk of response) chunks.push(chunk as Uint8Array);
      return Buffer.concat(chunks);
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
