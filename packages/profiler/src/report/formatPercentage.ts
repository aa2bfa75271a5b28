import { absolute } from '../pprof/integers';
import { evenLastDigit, twoDecimals } from './formatValue';

/** The share of `value` in `total` as pprof prints it: six characters, no sign, at least two digits. `0%` of a total of 0. */
export function formatPercentage(value: bigint, total: bigint): string {
  const percent =
    total === 0n ? 0 : Math.abs(Number(absolute(value)) / Number(absolute(total))) * 100;
  if (percent >= 99.95 && percent <= 100.05) return '  100%';
  const text = percent >= 1 ? twoDecimals(percent) : twoDigits(percent);
  return `${text.padStart(5)}%`;
}

/** The two leading digits of a number below 1, as Go's `%.2g` has them. */
function twoDigits(value: number): string {
  if (value === 0) return '0';
  // Those in the middle between two numbers of two digits are 1/16 and the odd eighths; Go rounds them to the even one.
  const inTheMiddle = value === 1 / 16 || (value * 8) % 2 === 1;
  const rounded = inTheMiddle ? evenLastDigit(value.toPrecision(2)) : value.toPrecision(2);
  const [digits, exponent] = Number(rounded).toExponential().split('e') as [string, string];
  if (Number(exponent) >= -4) return String(Number(rounded));
  return `${digits}e-${exponent.slice(1).padStart(2, '0')}`;
}
