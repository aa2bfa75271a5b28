import { InvalidOptionError } from '../base/errors';
import { type Steps, allAtOnce } from '../base/steps';
import { functionOption } from '../base/validate';
import type { Profile } from '../pprof/Profile';
import { ProfileMerger } from '../pprof/ProfileMerger';
import { type Frame, ProfileReader } from '../pprof/ProfileReader';

/** A place in an original source file. */
export interface SourcePosition {
  /** Original name of the function. Left out when unknown. */
  readonly name?: string | undefined;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. Left out when unknown. */
  readonly column?: number | undefined;
}

/**
 * Returns the original position of a place in a script, or `undefined` when it is not known.
 *
 * @param file Name of the script as the profile has it: a path or a URL.
 * @param line 1-based.
 * @param column 1-based; `undefined` when the profile has no column.
 */
export type SourceLookup = (
  file: string,
  line: number,
  column: number | undefined,
) => SourcePosition | undefined;

/** Matches the name that `@datadog/pprof` gives an anonymous function: its place in the script. */
const NAMED_BY_PLACE = /^\(anonymous:L#\d+(?::C#\d+)?\)$/;

/**
 * Returns a copy of `profile` with original names, files, lines and columns wherever `lookup` knows
 * them. `mapSources(profile, sourceMapLookup())` uses the source maps on disk.
 *
 * A frame without a line stays as it is. The name in the script remains as the system name of the
 * function. Samples that become equal are summed.
 *
 * @throws InvalidOptionError when `profile` is not a profile, `lookup` is not a function, or it
 * returns neither `undefined` nor a position; Error when a reference in the profile is broken; what
 * `lookup` throws.
 */
export function mapSources(profile: Profile, lookup: SourceLookup): Profile {
  return allAtOnce(mapSourcesInSteps(profile, lookup));
}

/** Does what {@link mapSources} does, in steps. */
export function* mapSourcesInSteps(profile: Profile, lookup: SourceLookup): Steps<Profile> {
  functionOption('lookup', lookup);
  const reader = new ProfileReader(profile);
  const merger = new ProfileMerger();
  yield* merger.addInSteps(reader, { frame: (frame) => mapFrame(frame, lookup) });
  return yield* merger.buildInSteps(reader.header);
}

function mapFrame(frame: Frame, lookup: SourceLookup): Frame {
  if (!frame.line || frame.file === '') return frame;
  const column = Number(frame.column) || undefined;
  const origin = checkPosition(lookup(frame.file, Number(frame.line), column));
  if (origin === undefined) return frame;
  const startsAt = frame.startLine === frame.line ? origin : startOf(frame, lookup);
  return {
    name: origin.name ?? renamed(frame.name, origin),
    systemName: frame.systemName,
    file: origin.file,
    line: origin.line,
    column: origin.column ?? 0,
    startLine: startsAt?.file === origin.file ? startsAt.line : 0,
  };
}

function checkPosition(position: SourcePosition | undefined): SourcePosition | undefined {
  if (position === undefined) return undefined;
  const { file, line } = (position as Partial<SourcePosition> | null) ?? {};
  if (typeof file === 'string' && Number.isInteger(line)) return position;
  throw new InvalidOptionError(
    'the result of lookup',
    position,
    'undefined or a position with file and line',
  );
}

function startOf({ file, startLine }: Frame, lookup: SourceLookup): SourcePosition | undefined {
  return startLine ? checkPosition(lookup(file, Number(startLine), undefined)) : undefined;
}

function renamed(name: string, { line, column }: SourcePosition): string {
  if (!NAMED_BY_PLACE.test(name)) return name;
  return `(anonymous:L#${line}${column === undefined ? '' : `:C#${column}`})`;
}
