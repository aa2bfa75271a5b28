import { toPprof } from '@rulescope/profiler/pprof';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RuleInstrumentation, withRule } from '@rulescope/instrumentation';
import { type ProfileWindow, attributeCpu, sharedCollector } from '@rulescope/profiler';
import { type SubjectName, createSubject } from '../subjects';
import type { NativeSampler } from './closings';

/** A profiler that closes windows. */
export interface PauseSubject {
  /** The native sampler that it uses. */
  readonly sampler: NativeSampler;
  start(intervalMicros: number, windowMillis: number): Promise<void>;
  withRule<R>(id: string, fn: () => R): R;
}

/** The profilers, in the order of the table rows. */
export const PAUSE_SUBJECTS = ['rulescope', 'rulescope + pprof', 'pyroscope', 'dd-trace'] as const;

export type PauseSubjectName = (typeof PAUSE_SUBJECTS)[number];

export function createPauseSubject(name: PauseSubjectName): PauseSubject {
  switch (name) {
    case 'rulescope':
      return rulescope({ attribution: attribute });
    case 'rulescope + pprof':
      return rulescope({ attribution: attribute, pprof: encode });
    case 'pyroscope':
      return peer(name, '@pyroscope/nodejs');
    case 'dd-trace':
      return peer(name, process.versions.node.startsWith('20.') ? 'dd-trace-5' : 'dd-trace-6');
  }
}

/** Does what rulescope's exporter does with a window. */
function attribute(window: ProfileWindow): void {
  attributeCpu(window, 'rule');
}

/** Does what the peers do with a window: encodes and compresses the profile for sending. */
async function encode(window: ProfileWindow): Promise<void> {
  await promisify(gzip)(await toPprof(window).encodeAsync());
}

function rulescope(
  consumers: Readonly<Record<string, (window: ProfileWindow) => unknown>>,
): PauseSubject {
  return {
    sampler: samplerFrom(require.resolve('@rulescope/profiler')),
    withRule,
    start: (samplingIntervalMicros, windowMillis) => {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      new RuleInstrumentation();
      const collector = sharedCollector({ samplingIntervalMicros, windowMillis });
      for (const [name, consume] of Object.entries(consumers)) collector.addConsumer(name, consume);
      return Promise.resolve();
    },
  };
}

function peer(name: SubjectName, packageName: string): PauseSubject {
  const subject = createSubject(name);
  const peers = createRequire(join(__dirname, '../../../peers/package.json'));
  return {
    sampler: samplerFrom(peers.resolve(packageName)),
    withRule: (id, fn) => subject.withRule(id, fn),
    start: (intervalMicros, windowMillis) => subject.start(intervalMicros, windowMillis),
  };
}

/** Returns the native sampler of the copy of `@datadog/pprof` that `file` would load. */
function samplerFrom(file: string): NativeSampler {
  const bindings = createRequire(file)('@datadog/pprof/out/src/time-profiler-bindings') as {
    TimeProfiler: NativeSampler;
  };
  return bindings.TimeProfiler;
}
