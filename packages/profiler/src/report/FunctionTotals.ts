import { posix } from 'node:path';
import type { Location, Sample } from '../pprof/Profile';
import { absolute } from '../pprof/integers';
import type { Frame, ProfileReader } from '../pprof/ProfileReader';
import { type InlineMark, InlinedCalls } from './InlinedCalls';

/**
 * What counts as one function, by pprof's options: all functions of one name, all of one name in
 * one file, or each line.
 */
export const GRANULARITIES = ['functions', 'filefunctions', 'lines'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** What a function used. Values are integers in the unit of the sample type. */
export interface FunctionTotal {
  /** Text as pprof prints it: the name, then file and line where the granularity has them. */
  readonly name: string;
  /** '' when unknown. */
  readonly functionName: string;
  /** '' when unknown, or when the granularity is `functions`. */
  readonly file: string;
  /** 1-based. 0 when unknown, or when the granularity is not `lines`. */
  readonly line: number;
  /** Value of the function itself. */
  readonly flat: bigint;
  /** Value of the function and of all functions that it calls. */
  readonly cum: bigint;
  /**
   * Whether the compiler had inlined all calls of the function (`inline`) or only some. Omitted when
   * it had inlined no call. As in pprof, calls with less than a thousandth of the total do not count.
   */
  readonly inline?: InlineMark;
}

type Identity = Omit<FunctionTotal, 'flat' | 'cum' | 'inline'> & { readonly key: string };
type Total = { -readonly [K in keyof FunctionTotal]: FunctionTotal[K] } & {
  readonly key: string;
  lastSample: Sample | undefined;
};

/** Sums the values of one sample type by function. */
export class FunctionTotals {
  private readonly totals = new Map<string, Total>();
  private readonly byLocation = new Map<Location, Total[]>();
  private readonly inlinedCalls = new InlinedCalls<Total>();

  constructor(
    private readonly reader: ProfileReader,
    private readonly sampleTypeIndex: number,
    private readonly granularity: Granularity,
  ) {}

  /** Adds a sample. @throws Error when a reference in it is broken. */
  add(sample: Sample): void {
    const value = this.reader.values(sample)[this.sampleTypeIndex]!;
    if (value === 0n) return;
    const locations = this.reader.stack(sample).map((location) => this.totalsOf(location));
    if (this.reader.hasInlined) this.inlinedCalls.add(locations, value);
    const stack = locations.flat();
    const [leaf] = stack;
    if (leaf !== undefined) leaf.flat += value;
    for (const total of stack) {
      // A recursive function is in the stack more than once.
      if (total.lastSample === sample) continue;
      total.lastSample = sample;
      total.cum += value;
    }
  }

  /**
   * Returns the functions with a value, in the order of `pprof -top`: by flat without its sign, by
   * name, by cum.
   */
  sorted(): FunctionTotal[] {
    const sum = [...this.totals.values()].reduce((all, { flat }) => all + flat, 0n);
    return [...this.totals.values()]
      .filter(({ flat, cum }) => flat !== 0n || cum !== 0n)
      .map((total) => ({ total, nameBytes: Buffer.from(total.name) }))
      .sort(
        (a, b) =>
          descending(a.total.flat, b.total.flat) ||
          // Go compares strings by their UTF-8 bytes, JavaScript by UTF-16.
          Buffer.compare(a.nameBytes, b.nameBytes) ||
          descending(a.total.cum, b.total.cum) ||
          Buffer.compare(Buffer.from(a.total.key), Buffer.from(b.total.key)),
      )
      .map(({ total }) => {
        const { name, functionName, file, line, flat, cum } = total;
        const inline = this.inlinedCalls.markOf(total, sum);
        return { name, functionName, file, line, flat, cum, ...(inline && { inline }) };
      });
  }

  private totalsOf(location: Location): Total[] {
    let totals = this.byLocation.get(location);
    if (totals === undefined) {
      const program = this.reader.mapping(location)?.filename ?? 0;
      totals = this.reader.frames(location).map((frame) => {
        const identity = identify(frame, this.reader.text(program), this.granularity);
        let total = this.totals.get(identity.key);
        if (total === undefined) {
          total = { ...identity, flat: 0n, cum: 0n, lastSample: undefined };
          this.totals.set(identity.key, total);
        }
        return total;
      });
      this.byLocation.set(location, totals);
    }
    return totals;
  }
}

function identify(frame: Frame, program: string, granularity: Granularity): Identity {
  const functionName = frame.name;
  const file = granularity === 'functions' || frame.file === '' ? '' : cleanPath(frame.file);
  const line = granularity === 'lines' ? Number(frame.line) : 0;
  const place = line !== 0 ? `${file}:${line}` : file;
  const known = [functionName, place].filter((part) => part !== '').join(' ');
  const nameless = program === '' ? '<unknown>' : `[${posix.basename(program)}]`;
  // Functions without a name are told apart by start line and program.
  const [startLine, object] = functionName === '' ? [frame.startLine, program] : [0, ''];
  return {
    name: known || nameless,
    functionName,
    file,
    line,
    key: `{${functionName}  0 ${file} ${startLine} ${line} ${object}}`,
  };
}

function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function descending(a: bigint, b: bigint): number {
  const [x, y] = [absolute(a), absolute(b)];
  return x < y ? 1 : x > y ? -1 : 0;
}
