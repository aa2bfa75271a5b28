import { absolute } from '../pprof/integers';

/** Units that convert into each other. */
interface UnitFamily {
  /** Smallest first: the printed name, the size, and the accepted names. */
  readonly units: readonly (readonly [name: string, size: number, ...aliases: string[]])[];
  /** The unit of a value below 1 of the smallest unit, such as 0, and of an unknown target. */
  readonly fallback: readonly [name: string, size: number];
}

const FAMILIES: readonly UnitFamily[] = [
  {
    units: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'].map((name, power) => {
      const prefix = ['', 'kilo', 'mega', 'giga', 'tera', 'peta'][power]!;
      const short = name.toLowerCase();
      return [name, 1024 ** power, short, `${short}yte`, `${prefix}byte`];
    }),
    fallback: ['B', 1],
  },
  {
    units: [
      ['ns', 1, 'ns', 'nanosecond'],
      ['us', 1e3, 'us', 'microsecond'],
      ['ms', 1e6, 'ms', 'millisecond'],
      ['s', 1e9, 's', 'sec', 'second'],
      ['hrs', 3600e9, 'hr', 'hour'],
    ],
    fallback: ['s', 1e9],
  },
];

/** Units that are not printed. */
const SILENT = ['count', 'sample', 'unit', 'minimum', 'auto'];

/**
 * Converts `value` from one unit to another, as pprof does.
 *
 * @param from Its unit. A value in a unit of neither bytes nor time is not converted: it gets the
 * name of `to`.
 * @param to A unit, or `auto`: the largest unit of the family in which the value is at least 1.
 */
export function scaleValue(value: bigint, from: string, to: string): [value: number, unit: string] {
  if (value < 0n) {
    const [scaled, unit] = scaleValue(-value, from, to);
    return [-scaled, unit];
  }
  for (const { units, fallback } of FAMILIES) {
    const find = (wanted: string) => units.find((unit) => unit.includes(singular(wanted), 2));
    const source = find(from);
    if (source === undefined) continue;
    const size = Number(value) * source[1];
    const automatic = units.findLast(([, unitSize]) => size / unitSize >= 1);
    const [name, unitSize] = (to === 'auto' ? automatic : find(to)) ?? fallback;
    return [size / unitSize, name];
  }
  return [Number(value), SILENT.includes(to) ? '' : to];
}

/**
 * Returns `value` with its unit as pprof prints it: `1.50s`, `512kB`, `0`. It has two decimals, or
 * no decimals when they are zero. See {@link scaleValue} for `from` and `to`.
 */
export function formatValue(value: bigint, from: string, to: string): string {
  const [scaled, unit] = scaleValue(value, from, to);
  const text = twoDecimals(scaled).replace(/\.00$/, '');
  return text === '0' || text === '-0' ? '0' : text + unit;
}

/**
 * Returns the share of `value` in `total` as pprof prints it: six characters or more, without a
 * sign, with at least two significant digits. The share of a total of 0 is `0%`.
 */
export function formatPercentage(value: bigint, total: bigint): string {
  const percent =
    total === 0n ? 0 : Math.abs(Number(absolute(value)) / Number(absolute(total))) * 100;
  if (percent >= 99.95 && percent <= 100.05) return '  100%';
  const text = percent >= 1 ? twoDecimals(percent) : twoDigits(percent);
  return `${text.padStart(5)}%`;
}

/**
 * Returns `value` with two decimals. JavaScript rounds a tie away from 0, Go to the even digit.
 * Only odd eighths are ties.
 */
function twoDecimals(value: number): string {
  const text = value.toFixed(2);
  return Math.abs(value * 8) % 2 === 1 ? evenLastDigit(text) : text;
}

/** Returns the two leading digits of a number below 1, like Go's `%.2g`. */
function twoDigits(value: number): string {
  if (value === 0) return '0';
  // Ties between two numbers of two digits are 1/16 and the odd eighths.
  const isTie = value === 1 / 16 || (value * 8) % 2 === 1;
  const rounded = isTie ? evenLastDigit(value.toPrecision(2)) : value.toPrecision(2);
  const [digits, exponent] = Number(rounded).toExponential().split('e') as [string, string];
  if (Number(exponent) >= -4) return String(Number(rounded));
  return `${digits}e-${exponent.slice(1).padStart(2, '0')}`;
}

/** Rounds an odd last digit down. */
function evenLastDigit(text: string): string {
  const last = Number(text.at(-1));
  return text.slice(0, -1) + (last - (last % 2));
}

function singular(unit: string): string {
  const lower = unit.toLowerCase();
  return lower.length > 2 ? lower.replace(/s$/, '') : lower;
}
