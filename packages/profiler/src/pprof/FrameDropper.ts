import type { DecodedHeader } from './DecodedHeader';
import type { Line, Location } from './Profile';
import { InvalidOptionError } from '../base/errors';

/**
 * Drops the frames that the header of a profile asks to drop, as pprof does when it reads a profile:
 * each function whose name matches `drop_frames` and not `keep_frames`, with all that it called. A
 * function that no other function called is kept.
 */
export class FrameDropper {
  /** The locations, without the frames that were inlined into what remains of them. */
  readonly locations: readonly Location[];
  private readonly whole = new Set<Location>();
  private readonly partly = new Set<Location>();

  /**
   * @param nameOf Returns the name of a line's function.
   * @throws InvalidOptionError when an expression of the header is not one in JavaScript.
   */
  constructor(
    { dropFrames, keepFrames }: DecodedHeader,
    locations: readonly Location[],
    nameOf: (line: Line) => string,
  ) {
    const drop = wholeMatch('drop_frames', dropFrames);
    const keep = keepFrames === '' ? undefined : wholeMatch('keep_frames', keepFrames);
    const isDropped = (line: Line): boolean => {
      const name = nameOf(line);
      const bare = withoutParameters(name);
      return name !== '' && drop.test(bare) && keep?.test(bare) !== true;
    };
    this.locations = locations.map((location) => this.shorten(location, isDropped));
  }

  /** Returns what remains of a stack, leaf first, of {@link locations}. */
  shortenStack(stack: Location[]): Location[] {
    let hasCaller = false;
    for (let index = stack.length - 1; index >= 0; index--) {
      const isWhole = this.whole.has(stack[index]!);
      if (!isWhole && !this.partly.has(stack[index]!)) hasCaller = true;
      else if (hasCaller) return stack.slice(isWhole ? index + 1 : index);
    }
    return stack;
  }

  private shorten(location: Location, isDropped: (line: Line) => boolean): Location {
    const outermost = location.line.findLastIndex(isDropped);
    if (outermost < 0) return location;
    if (outermost === location.line.length - 1) {
      this.whole.add(location);
      return location;
    }
    const rest = { ...location, line: location.line.slice(outermost + 1) };
    this.partly.add(rest);
    return rest;
  }
}

function wholeMatch(field: string, pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new InvalidOptionError(`${field} of the profile`, pattern, 'a regular expression');
  }
}

/** Parentheses that belong to a name in C++, and those of parameters. */
const PARENTHESES = /\(anonymous namespace\)|operator\(\)|\(/g;

function withoutParameters(name: string): string {
  const bare = name.replace(/^\./, '');
  const parameters = [...bare.matchAll(PARENTHESES)].find(([text]) => text === '(');
  return bare.slice(0, parameters?.index);
}
