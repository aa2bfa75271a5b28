interface UnitFamily {
  /** Smallest first: name as printed, size, other names. */
  readonly units: readonly (readonly [name: string, size: number, ...aliases: string[]])[];
  /** Index in `units` of the one for what is smaller than all of them, hence for 0. */
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

/** Units that go without saying. */
const SILENT = ['count', 'sample', 'unit', 'minimum', 'auto'];

/**
 * `value` in another unit, as pprof converts it. To `auto`, the largest unit of its kind in which it is 1 or more. A unit that is of
 * no kind it knows stays, and is named by the unit asked for.
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

/** `value` with two decimals, if any, and its unit, as pprof prints it: `1.50s`, `512kB`, `0`. */
export function formatValue(value: bigint, from: string, to: string): string {
  const [scaled, unit] = scaleValue(value, from, to);
  const text = twoDecimals(scaled).replace(/\.00$/, '');
  return text === '0' || text === '-0' ? '0' : text + unit;
}

/** JavaScript rounds a number in the middle away from 0, Go to the even digit. The odd eighths are all there are. */
export function twoDecimals(value: number): string {
  const text = value.toFixed(2);
  return Math.abs(value * 8) % 2 === 1 ? evenLastDigit(text) : text;
}

/** One down from an odd last digit. */
export function evenLastDigit(text: string): string {
  const last = Number(text.at(-1));
  return text.slice(0, -1) + (last - (last % 2));
}

function singular(unit: string): string {
  const lower = unit.toLowerCase();
  return lower.length > 2 ? lower.replace(/s$/, '') : lower;
}
