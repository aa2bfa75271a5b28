import type { Profile } from '../pprof/Profile';
import { ProfileMerger } from '../pprof/ProfileMerger';
import { type Frame, ProfileReader } from '../pprof/ProfileReader';

/** A place in an original source file. */
export interface SourcePosition {
  /** Original name of the function; left out when unknown. */
  readonly name?: string | undefined;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based; left out when unknown. */
  readonly column?: number | undefined;
}

/**
 * Where a place in a script comes from; `undefined` when that is not known. `line` and `column` are 1-based, `column` is `undefined`
 * when the profile does not say it.
 */
export type SourceLookup = (
  file: string,
  line: number,
  column: number | undefined,
) => SourcePosition | undefined;

/** What `@datadog/pprof` calls a function without a name: by its place in the script. */
const NAMED_BY_PLACE = /^\(anonymous:L#\d+(?::C#\d+)?\)$/;

/**
 * `profile` with the original names, files, lines and columns of its functions where `lookup` knows them. Pure if `lookup` is. For
 * source maps on disk: `mapSources(profile, sourceMapLookup())`.
 *
 * A frame without a line stays as it is. The name in the script stays as the function's system name.
 */
export function mapSources(profile: Profile, lookup: SourceLookup): Profile {
  const reader = new ProfileReader(profile);
  return new ProfileMerger()
    .add(reader, { frame: (frame) => mapFrame(frame, lookup) })
    .build(reader.header);
}

function mapFrame(frame: Frame, lookup: SourceLookup): Frame {
  if (!frame.line || frame.file === '') return frame;
  const column = Number(frame.column) || undefined;
  const origin = lookup(frame.file, Number(frame.line), column);
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

function startOf({ file, startLine }: Frame, lookup: SourceLookup): SourcePosition | undefined {
  return startLine ? lookup(file, Number(startLine), undefined) : undefined;
}

function renamed(name: string, { line, column }: SourcePosition): string {
  if (!NAMED_BY_PLACE.test(name)) return name;
  return `(anonymous:L#${line}${column === undefined ? '' : `:C#${column}`})`;
}
