/** Prints a Markdown table. */
export function printTable(
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  console.log(`\n${title}\n`);
  for (const cells of [head, head.map(() => '---'), ...rows]) console.log(line(cells));
}

/** Formats `0.052` as `+5.2 %`. Returns an empty string without a value. */
export function signedPercent(share: number | undefined): string {
  if (share === undefined) return '';
  return `${share < 0 ? '' : '+'}${(share * 100).toFixed(1)} %`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
