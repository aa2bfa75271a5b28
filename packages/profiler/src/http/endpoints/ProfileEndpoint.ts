import type { Profile } from '../../pprof/Profile';
import type { ProfileCollector } from '../../collector/ProfileCollector';
import { SamplerUnavailableError, toError } from '../../base/errors';
import { type Answer, profileAnswer } from '../Answer';
import type { LineRecorder } from '../LineRecorder';
import { Refusal } from '../Refusal';
import type { Visit } from '../Visit';
import { encodeProfile } from '../encodeProfile';
import { revise } from '../revise';
import { RATES } from '../samplingRate';
import { selectByLabels } from '../selectByLabels';
import type { Endpoint, EndpointHelp, EndpointRequest } from './Endpoint';
import { type ProfileQuery, parseProfileQuery } from './parseProfileQuery';
import { DEFAULT_SECONDS, type RecordingParts, earlyRemark, helpOnSeconds } from './recording';

export interface ProfileParts extends RecordingParts {
  /** Asked for when the first profile is wanted, so that whoever sets up the collector comes first. */
  readonly collector: () => Pick<ProfileCollector, 'openSpan' | 'startFailure'>;
  readonly lines: LineRecorder;
  /** Why this thread cannot be sampled. */
  readonly whyUnsupported: () => Error | undefined;
}

/** Where CPU goes: a span of the collector, or a line-level pass of its own. */
export class ProfileEndpoint implements Endpoint {
  readonly name = 'profile';

  constructor(private readonly parts: ProfileParts) {}

  help(): EndpointHelp {
    return {
      summary: 'CPU profile with the labels of its samples: recorded for the seconds you ask for.',
      unavailable: this.parts.whyUnsupported()?.message,
      parameters: [
        helpOnSeconds(this.parts.maxSeconds, `How long, default ${DEFAULT_SECONDS}`),
        {
          usage: 'rule=r1',
          meaning:
            'Only samples with this label; any label can be given. Given again: any of the values. ' +
            'Several labels: all must match. label.NAME=… for a label called like a parameter.',
        },
        { usage: 'hz=N', meaning: `About so many samples a second: ${RATES.join(', ')}.` },
        { usage: 'lines=1', meaning: 'Line by line, for pprof’s -list; without labels.' },
      ],
      commands: [
        { flags: '-http=:', query: '?seconds=10' },
        { flags: '-top -tagroot=rule', query: '?seconds=10' },
        { flags: '-list=NAME', query: '?seconds=10&lines=1' },
      ],
    };
  }

  async answer(request: EndpointRequest): Promise<Answer | undefined> {
    const { slots, maxSeconds, whyUnsupported } = this.parts;
    const { visit, idleLimitMillis } = request;
    const query = parseProfileQuery(request.query, { maxSeconds, idleLimitMillis });
    const unsupported = whyUnsupported();
    if (unsupported !== undefined) throw new Refusal(501, unsupported.message);
    const fileName = query.lines ? 'profile-lines.pb.gz' : 'profile.pb.gz';
    if (request.headOnly) return profileAnswer(fileName, Buffer.alloc(0));
    const release = slots.take(query.seconds);
    try {
      const record = query.lines ? this.recordLines : this.recordSpan;
      const profile = await record.call(this, query, visit);
      return profile && profileAnswer(fileName, await encodeProfile(profile));
    } finally {
      release();
    }
  }

  private async recordSpan(query: ProfileQuery, visit: Visit): Promise<Profile | undefined> {
    const { rate, seconds, labels } = query;
    const collector = this.parts.collector();
    const span = collector.openSpan(rate);
    // Said at once, not when the time is over.
    const failed = collector.startFailure !== undefined;
    const how = failed ? 'elapsed' : await visit.wait(seconds * 1000);
    const window = span.close();
    if (how === 'gone') return undefined;
    if (window.error !== undefined) throw notRecorded(window.error);
    let { profile } = window;
    if (Object.keys(labels).length > 0) profile = selectByLabels(profile, labels);
    return how === 'closing' ? remarked(profile, window.durationMillis / 1000, query) : profile;
  }

  private async recordLines(query: ProfileQuery, visit: Visit): Promise<Profile | undefined> {
    const { clock, lines } = this.parts;
    const start = clock.now().monotonicMillis;
    const recording = attempt(() => lines.start(query.rate));
    const how = await visit.wait(query.seconds * 1000);
    const profile = attempt(() => recording.stop());
    if (how === 'gone') return undefined;
    const seconds = (clock.now().monotonicMillis - start) / 1000;
    return how === 'closing' ? remarked(profile, seconds, query) : profile;
  }
}

function remarked(profile: Profile, seconds: number, query: ProfileQuery): Profile {
  return revise(profile, { comments: [earlyRemark(seconds, query.seconds)] });
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    throw notRecorded(toError(thrown));
  }
}

function notRecorded(error: Error): Refusal {
  if (error instanceof SamplerUnavailableError) return new Refusal(501, error.message);
  return new Refusal(503, `nothing could be recorded: ${error.message}`);
}
