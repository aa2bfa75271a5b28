import { Profile as PprofProfile } from 'pprof-format';
import type { Profile } from '../pprof/Profile';
import { SamplerUnavailableError } from '../base/errors';
import { inTurns } from '../base/inTurns';
import { Pace, type Steps } from '../base/steps';
import type { ProfileCollector } from '../collector/ProfileCollector';
import type { LineProfileOptions, recordLineProfile } from '../lines/startLineProfile';
import { ProfileMerger } from '../pprof/ProfileMerger';
import { ProfileReader } from '../pprof/ProfileReader';
import { matchLabels } from '../pprof/filterByLabels';
import { recordCpu } from '../recording/recordCpu';
import type { WorkerThread } from '../workers/WorkerRegistry';
import { type Endpoint, type EndpointHelp, HttpError, profileReply } from './endpoint';
import {
  DEFAULT_SECONDS,
  type LabelSelection,
  MIN_SECONDS,
  type ProfileQuery,
  SAMPLE_RATES,
  parseProfileQuery,
} from './parameters';
import {
  type RecordingParts,
  SOURCES_HELP,
  attempt,
  findWorker,
  mapToSources,
  recordWorker,
  recordingEnd,
  recordingFailed,
  shorten,
  threadHelp,
  throwIfDisconnected,
  unsupported,
} from './recordings';

export interface ProfileParts extends RecordingParts {
  /** Called for the first profile, so that code which configures the collector comes first. */
  readonly collector: () => Pick<ProfileCollector, 'openStream' | 'startFailure'>;
  /** Starts a line-level profile. @throws SamplerUnavailableError with the reason. */
  readonly startLines: (options: LineProfileOptions) => ReturnType<typeof recordLineProfile>;
}

/** Returns the endpoint `profile`: where CPU goes, with labels, or line by line without labels. */
export function profileEndpoint(parts: ProfileParts): Endpoint {
  const { limit, maxSeconds } = parts;
  return {
    name: 'profile',
    help: () => help(parts),
    async answer({ query: text, signal, headOnly, idleLimitMillis }) {
      const query = parseProfileQuery(text, { maxSeconds, idleLimitMillis });
      const error = unsupported(parts);
      if (error !== undefined) throw error;
      const fileName = query.lines ? 'profile-lines.pb.gz' : 'profile.pb.gz';
      const worker = await findWorker(query.thread, parts, signal);
      if (headOnly) return profileReply(fileName);
      const record = query.lines ? recordLines : recordSpan;
      return limit.run(query.seconds, async () => {
        const profile = worker
          ? await recordThread(worker, query, signal, parts)
          : await record(query, signal, parts);
        return profileReply(fileName, query.sources ? await mapToSources(profile) : profile);
      });
    },
  };
}

function help(parts: ProfileParts): EndpointHelp {
  return {
    summary: 'CPU profile with labels, recorded for the seconds you ask for.',
    unavailable: unsupported(parts)?.message,
    parameters: [
      {
        usage: 'seconds=N',
        meaning: `Length, ${MIN_SECONDS} to ${parts.maxSeconds}; default ${DEFAULT_SECONDS}.`,
      },
      {
        usage: 'rule=r1',
        meaning:
          'Only samples with this label; works with any label. Repeat a label to allow several ' +
          'values. Several labels must all match. Write label.NAME=… for a label with the name ' +
          'of a parameter.',
      },
      { usage: 'hz=N', meaning: `About N samples per second: ${SAMPLE_RATES.join(', ')}.` },
      { usage: 'lines=1', meaning: 'Line by line, for -list of pprof; without labels.' },
      threadHelp(parts),
      SOURCES_HELP,
    ],
    commands: [
      { command: 'go tool pprof -http=:', query: '?seconds=10' },
      { command: 'go tool pprof -top -tagroot=rule', query: '?seconds=10' },
      { command: 'go tool pprof -list=NAME', query: '?seconds=10&lines=1' },
    ],
  };
}

async function recordThread(
  worker: WorkerThread,
  { lines, rate, seconds, labels }: ProfileQuery,
  signal: AbortSignal,
  parts: ProfileParts,
): Promise<Profile | Uint8Array> {
  const options = { kind: lines ? 'lines' : 'cpu', ...rate } as const;
  const bytes = await recordWorker(worker, options, seconds, signal, parts);
  if (Object.keys(labels).length === 0) return bytes;
  return inTurns(selectInSteps(PprofProfile.decode(bytes), labels));
}

async function recordSpan(
  { rate, seconds, labels }: ProfileQuery,
  signal: AbortSignal,
  { collector, clock }: ProfileParts,
): Promise<Profile> {
  // A sampler that did not start is reported at once, not after `seconds`.
  const recording = attempt(() => recordCpu(collector(), rate));
  const comments = await recordingEnd(seconds, signal, clock);
  const steps = recording.stop(comments);
  throwIfDisconnected(signal);
  try {
    return await inTurns(selectInSteps(await inTurns(steps), labels));
  } catch (thrown) {
    throw thrown instanceof SamplerUnavailableError ? recordingFailed(thrown) : thrown;
  }
}

async function recordLines(
  { rate, seconds }: ProfileQuery,
  signal: AbortSignal,
  { startLines, clock }: ProfileParts,
): Promise<Profile> {
  const stopInSteps = attempt(() => startLines(rate));
  const comments = await recordingEnd(seconds, signal, clock);
  const steps = attempt(() => stopInSteps(comments));
  throwIfDisconnected(signal);
  return inTurns(steps);
}

/** Names that an error or a comment lists at most. */
const MAX_LISTED = 20;

/**
 * Returns the samples of `profile` that have the labels of `selection`, in steps, and a comment
 * that says so. A value that no sample has gives a profile without samples: it used no CPU.
 *
 * @throws HttpError 404 when samples have labels, but none has one of the selected names: the name
 *   is probably misspelled.
 */
export function* selectInSteps(profile: Profile, selection: LabelSelection): Steps<Profile> {
  if (Object.keys(selection).length === 0) return profile;
  const reader = new ProfileReader(profile);
  const valuesOf = yield* labelValues(reader);
  const unknown = Object.keys(selection).find((label) => !valuesOf.has(label));
  if (unknown !== undefined && valuesOf.size > 0) {
    const name = JSON.stringify(unknown);
    throw new HttpError(404, `no sample has a label ${name}; labels: ${list(valuesOf.keys())}`);
  }
  const comments = [`only samples with ${describe(selection)}`];
  for (const [label, values] of Object.entries(selection)) {
    const present = valuesOf.get(label);
    if (present !== undefined && !values.some((value) => present.has(value))) {
      comments.push(`no sample has that ${label}; values of ${label}: ${list(present)}`);
    }
  }
  const merger = new ProfileMerger();
  yield* merger.addInSteps(reader, { keep: matchLabels(reader, selection) });
  const { header } = reader;
  return yield* merger.buildInSteps({ ...header, comments: [...header.comments, ...comments] });
}

function* labelValues(reader: ProfileReader): Steps<Map<string, Set<string>>> {
  const pace = new Pace();
  const valuesOf = new Map<string, Set<string>>();
  for (const sample of reader.samples) {
    for (const { key, str } of reader.labels(sample)) {
      const [label, value] = [reader.text(key), reader.text(str)];
      const values = valuesOf.get(label);
      if (values === undefined) valuesOf.set(label, new Set([value]));
      else values.add(value);
    }
    if (pace.worked(sample.label.length + 1)) yield;
  }
  return valuesOf;
}

/** Returns text such as `rule="r1" or "r2", tenant="acme"`. */
function describe(selection: LabelSelection): string {
  return Object.entries(selection)
    .map(([label, values]) => `${label}=${values.map((v) => JSON.stringify(v)).join(' or ')}`)
    .join(', ');
}

function list(names: Iterable<string>): string {
  const all = [...names].sort().map((name) => JSON.stringify(name.slice(0, 100)));
  return shorten(all, MAX_LISTED).join(', ');
}
