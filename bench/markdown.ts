// Figures and tables of a page.

/** A number with two decimals below 10, one below 100, and none above: `1.23`, `12.3`, `1234`. */
export function count(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** Nanoseconds in the unit that suits them: `12.3 µs`. */
export function time(nanoseconds: number): string {
  const [scale, unit] =
    nanoseconds < 1e6 ? [1e3, 'µs'] : nanoseconds < 1e9 ? [1e6, 'ms'] : [1e9, 's'];
  return `${count(nanoseconds / Number(scale))} ${unit}`;
}

/** A table: the first column is text, the others are numbers. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|${head.map((_, column) => (column === 0 ? '---' : '---:')).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
