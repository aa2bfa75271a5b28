import { InvalidOptionError } from '../base/errors';
import { integerInRange, knownKeys, nonEmptyString, numberInRange } from '../base/validate';
import { absolute } from '../pprof/integers';
import { formatPercentage, formatValue, scaleValue } from './formatValue';
import type { Top, TopEntry } from './top';

export interface FormatTopOptions {
  /** Maximum number of functions to show. Default: 0, which shows all. */
  readonly nodeCount?: number;
  /**
   * Leaves out functions whose cum is below this fraction of the sum of all flat values. Default:
   * 0.005. 0 shows all.
   */
  readonly nodeFraction?: number;
  /**
   * Unit of all values, such as `ms`. Default: the unit of the smallest value, or of 100 times that
   * value when the total is larger still and has another unit.
   */
  readonly unit?: string;
  /** Time zone of the time in the header, by its IANA name. Default: `UTC`. */
  readonly timeZone?: string;
}

/**
 * Returns the text that `go tool pprof -top` prints for a {@link Top}, with the same header and the
 * same defaults. It ends in a newline.
 *
 * @throws InvalidOptionError when `top` is not a {@link Top}, for an unknown option or a value that
 * is not allowed; RangeError for an unknown time zone.
 */
export function formatTop(top: Top, options: FormatTopOptions = {}): string {
  knownKeys('formatTop', options, ['nodeCount', 'nodeFraction', 'unit', 'timeZone']);
  checkTop(top);
  const { nodeCount = 0, nodeFraction = 0.005, timeZone = 'UTC' } = options;
  integerInRange('nodeCount', nodeCount, 0, Number.MAX_SAFE_INTEGER);
  numberInRange('nodeFraction', nodeFraction, 0, 1);
  if (options.unit !== undefined) nonEmptyString('unit', options.unit);
  const cutoff = share(sumOfFlat(top.entries), nodeFraction);
  const kept = top.entries.filter(({ cum }) => absolute(cum) >= cutoff);
  const shown = nodeCount > 0 ? kept.slice(0, nodeCount) : kept;
  const unit = options.unit ?? commonUnit(top, shown);
  const format = (value: bigint): string => formatValue(value, top.unit, unit);
  const percentage = (value: bigint): string => formatPercentage(value, top.total);

  const sum = sumOfFlat(shown);
  const lines = [
    ...describeProfile(top, format, timeZone),
    `Showing nodes accounting for ${format(sum)}, ${percentage(sum).trim()} of ${format(top.total)} total`,
  ];
  const dropped = top.entries.length - kept.length;
  if (top.total !== 0n && dropped > 0) {
    const limit = format(share(top.total, nodeFraction));
    lines.push(`Dropped ${dropped} node${dropped > 1 ? 's' : ''} (cum <= ${limit})`);
  }
  if (top.total !== 0n && shown.length > 0 && shown.length < kept.length) {
    lines.push(`Showing top ${shown.length} nodes out of ${kept.length}`);
  }
  lines.push('      flat  flat%   sum%        cum   cum%');
  let running = 0n;
  for (const { name, inline, flat, cum } of shown) {
    running += flat;
    const columns = [format(flat).padStart(10), percentage(flat), percentage(running)];
    const text = inline === undefined ? ` ${name}` : ` ${name} (${inline})`;
    lines.push([...columns, format(cum).padStart(10), percentage(cum), text].join(' '));
  }
  return `${lines.join('\n')}\n`;
}

function checkTop(top: Top): void {
  const { entries, total, profile } = (top as Partial<Top> | null) ?? {};
  if (Array.isArray(entries) && typeof total === 'bigint' && profile !== undefined) return;
  throw new InvalidOptionError('top', top, 'a result of `top` or a value of `topByLabel`');
}

function describeProfile(
  { sampleType, unit, total, labels, profile }: Top,
  format: (value: bigint) => string,
  timeZone: string,
): string[] {
  const lines: string[] = [];
  if (profile.file !== '') lines.push(`File: ${profile.file}`);
  if (profile.buildId !== '') lines.push(`Build ID: ${profile.buildId}`);
  lines.push(...profile.comments.filter((comment) => !comment.startsWith('#')));
  if (sampleType !== '') lines.push(`Type: ${sampleType}`);
  const [time, duration] = [BigInt(profile.timeNanos), BigInt(profile.durationNanos)];
  if (time !== 0n) lines.push(`Time: ${formatTime(time, timeZone)}`);
  if (duration !== 0n) {
    const [nanos, totalUnit] = scaleValue(total, unit, 'nanoseconds');
    const ratio =
      totalUnit === 'ns' && nanos !== 0
        ? `(${formatPercentage(BigInt(Math.trunc(nanos)), duration)})`
        : '';
    const length = formatValue(duration, 'nanoseconds', 'auto');
    lines.push(`Duration: ${length}, Total samples = ${format(total)} ${ratio}`);
  }
  const filters = Object.entries(labels ?? {}).map(([key, value]) => `   tagfocus=${key}=${value}`);
  return filters.length === 0 ? lines : [...lines, 'Active filters:', ...filters];
}

/**
 * Returns one unit for all values, as pprof chooses it: the unit of the smallest value. When the
 * total has another unit and is more than 100 times as large, the unit of 100 times the smallest
 * value.
 */
function commonUnit({ unit, total }: Top, entries: readonly TopEntry[]): string {
  if (entries.length === 0) return 'auto';
  const values = entries.map(({ flat, cum }) => absolute(flat) || absolute(cum));
  const smallest = values.reduce((a, b) => (b !== 0n && (a === 0n || b < a) ? b : a)) || total;
  const unitOf = (value: bigint): string => scaleValue(value, unit, 'auto')[1];
  const isFar = unitOf(smallest) !== unitOf(total) && smallest * 100n < total;
  return unitOf(isFar ? smallest * 100n : smallest) || unit;
}

function formatTime(nanos: bigint, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    month: 'short',
    day: 'numeric',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    hour12: true,
    timeZoneName: 'short',
  }).formatToParts(Number(nanos / 1_000_000n));
  const part = (wanted: string): string => parts.find(({ type }) => type === wanted)?.value ?? '';
  const clock = `${part('hour')}:${part('minute')}${part('dayPeriod').toLowerCase()}`;
  return `${part('month')} ${part('day')}, ${part('year')} at ${clock} (${part('timeZoneName')})`;
}

function sumOfFlat(entries: readonly TopEntry[]): bigint {
  return entries.reduce((sum, { flat }) => sum + flat, 0n);
}

function share(value: bigint, fraction: number): bigint {
  return absolute(BigInt(Math.trunc(Number(value) * fraction)));
}
