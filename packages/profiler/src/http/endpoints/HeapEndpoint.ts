import type { Profile } from '../../pprof/Profile';
import { toError } from '../../base/errors';
import { type Answer, profileAnswer } from '../Answer';
import type { HeapSource } from '../HeapSource';
import type { KeptHeap } from '../KeptHeap';
import { Parameters } from '../Parameters';
import { Refusal } from '../Refusal';
import type { Visit } from '../Visit';
import { encodeProfile } from '../encodeProfile';
import { type Revision, revise } from '../revise';
import type { Endpoint, EndpointHelp, EndpointRequest } from './Endpoint';
import { HEAP_KINDS, type HeapKind } from './heapKinds';
import {
  DEFAULT_SECONDS,
  type RecordingParts,
  earlyRemark,
  helpOnSeconds,
  takeSeconds,
  withinIdleLimit,
} from './recording';

export interface HeapParts extends RecordingParts {
  readonly source: HeapSource;
  /** Sampling that is always on, if the user wants it. */
  readonly kept: KeptHeap | undefined;
}

/**
 * What uses memory (`heap`), and what allocates it (`allocs`). At once, of the sampling that is always on; or, as V8 samples no heap
 * unless told to, of the seconds that the request lasts.
 */
export class HeapEndpoint implements Endpoint {
  constructor(
    readonly name: HeapKind,
    private readonly parts: HeapParts,
  ) {}

  help(): EndpointHelp {
    const { maxSeconds } = this.parts;
    const { summary, duringSeconds, always } = HEAP_KINDS[this.name];
    const kept = this.keeps();
    return {
      summary: `${summary} ${kept ? always : duringSeconds}`,
      unavailable: this.whyUnsupported()?.message,
      parameters: [
        kept
          ? helpOnSeconds(maxSeconds, 'Only the change within so many seconds')
          : helpOnSeconds(maxSeconds, `How long to sample, default ${DEFAULT_SECONDS}`),
      ],
      commands: [{ flags: '-top', query: kept ? '' : '?seconds=10' }],
    };
  }

  async answer(request: EndpointRequest): Promise<Answer | undefined> {
    const { slots, maxSeconds } = this.parts;
    const seconds = this.parse(request);
    const unsupported = this.whyUnsupported();
    if (unsupported !== undefined) throw unsupported;
    const fileName = `${this.name}.pb.gz` as const;
    if (request.headOnly) return profileAnswer(fileName, Buffer.alloc(0));
    if (seconds === undefined && this.keeps()) {
      const profile = attempt(() => this.parts.kept?.profile());
      return profile && profileAnswer(fileName, await encodeProfile(this.shown(profile)));
    }
    const length = seconds ?? Math.min(DEFAULT_SECONDS, maxSeconds);
    withinIdleLimit(length, request.idleLimitMillis);
    const release = slots.take(length);
    try {
      const profile = await this.record(length, request.visit);
      return profile && profileAnswer(fileName, await encodeProfile(profile));
    } finally {
      release();
    }
  }

  private parse(request: EndpointRequest): number | undefined {
    const parameters = new Parameters(request.query);
    const seconds = takeSeconds(parameters, request, this.parts.maxSeconds);
    parameters.unsupported('debug', 'go tool pprof -top makes text of a profile');
    parameters.unsupported('gc', 'V8 collects garbage when it sees fit');
    parameters.end('there is seconds; samples of the heap have no labels');
    return seconds;
  }

  /** Whether the sampling that is always on says what this endpoint is to say. */
  private keeps(): boolean {
    const { kept } = this.parts;
    return kept !== undefined && (kept.allocations || this.name === 'heap');
  }

  private whyUnsupported(): Refusal | undefined {
    const { supported, allocations, reason } = this.parts.source.support();
    if (!supported) return new Refusal(503, reason ?? 'the heap cannot be sampled now');
    if (this.name === 'heap' || allocations) return undefined;
    return new Refusal(501, reason ?? 'this runtime does not sample allocations');
  }

  private async record(seconds: number, visit: Visit): Promise<Profile | undefined> {
    const { clock, source } = this.parts;
    const start = clock.now().monotonicMillis;
    const reader = attempt(() => source.open({ allocations: this.name === 'allocs' }));
    try {
      // Where sampling is always on, a reader sees also what was in use before.
      const isChange = this.name === 'heap' && this.keeps();
      const before = isChange ? attempt(() => reader.profile()) : undefined;
      const how = await visit.wait(seconds * 1000);
      if (how === 'gone') return undefined;
      const profile = attempt(() => reader.profile());
      const elapsed = (clock.now().monotonicMillis - start) / 1000;
      const comments = how === 'closing' ? [earlyRemark(elapsed, seconds)] : [];
      return this.shown(profile, { comments, minus: before });
    } finally {
      reader.close();
    }
  }

  private shown(profile: Profile, revision: Revision = {}): Profile {
    const defaultSampleType = HEAP_KINDS[this.name].sampleType;
    return revise(profile, { ...revision, defaultSampleType });
  }
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    throw new Refusal(503, `the heap could not be sampled: ${toError(thrown).message}`);
  }
}
