import { type LabelSelection, Parameters } from '../Parameters';
import { Refusal } from '../Refusal';
import { RATES, samplingIntervalOf } from '../samplingRate';
import { DEFAULT_SECONDS, takeSeconds, withinIdleLimit } from './recording';

/** What a request for a CPU profile asks for. */
export interface ProfileQuery {
  readonly seconds: number;
  /** Empty: the default of whoever samples. */
  readonly rate: { readonly samplingIntervalMicros?: number };
  /** Line by line, without labels. */
  readonly lines: boolean;
  readonly labels: LabelSelection;
}

/** Reads it. Pure. @throws Refusal 400 naming the parameter, its value and what is allowed. */
export function parseProfileQuery(
  query: string,
  limits: { readonly maxSeconds: number; readonly idleLimitMillis: number },
): ProfileQuery {
  const parameters = new Parameters(query);
  const seconds =
    takeSeconds(parameters, limits, limits.maxSeconds) ??
    withinIdleLimit(Math.min(DEFAULT_SECONDS, limits.maxSeconds), limits.idleLimitMillis);
  const lines = parameters.flag('lines');
  const hz = parameters.choice('hz', RATES);
  parameters.unsupported('debug', 'go tool pprof -top makes text of a profile');
  const labels = parameters.labels();
  if (lines && Object.keys(labels).length > 0) {
    throw new Refusal(
      400,
      'lines=1 records without labels, hence cannot be filtered by ' +
        `${Object.keys(labels)
          .map((label) => JSON.stringify(label))
          .join(', ')}: leave out one of the two`,
    );
  }
  return {
    seconds,
    rate: hz === undefined ? {} : { samplingIntervalMicros: samplingIntervalOf(hz) },
    lines,
    labels,
  };
}
