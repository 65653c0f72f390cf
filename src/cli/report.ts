// Columns as dmsetup's reports have them.

import type { Command } from 'commander';

/** A column. */
export interface ReportColumn {
  /** The field's name. */
  readonly name: string;
  readonly heading: string;
  /** The least width. */
  readonly width: number;
  readonly right?: boolean;
}

/** How a report is laid out. */
export interface ReportOptions {
  /** Leave the headings out. */
  readonly noheadings?: boolean;
  /** Between fields, which are not padded then. */
  readonly separator?: string;
  /** `NAME='value'` in place of columns. */
  readonly nameprefixes?: boolean;
}

/** Add the options of a report. */
export const withReportOptions = (command: Command): Command =>
  command
    .option('--noheadings', 'leave out the headings')
    .option('--separator <text>', 'put this between fields, and do not pad them')
    .option('--nameprefixes', "print DM_FIELD='value' for scripts to read");

/** dmsetup counts bytes, so its columns, and these, are ragged where a name is not ASCII. */
const sizeOf = (cell: string): number => Buffer.byteLength(cell);

/** The report's text: a line of headings, a line a row. */
export function formatReport(
  columns: readonly ReportColumn[],
  rows: readonly (readonly string[])[],
  { noheadings = false, separator, nameprefixes = false }: ReportOptions,
): string {
  if (nameprefixes) {
    return rows
      .map(
        (row) =>
          `${row.map((cell, i) => `DM_${columns[i]!.name.toUpperCase()}='${cell}'`).join(separator ?? (noheadings ? ':' : ' '))}\n`,
      )
      .join('');
  }
  const all = noheadings ? rows : [columns.map(({ heading }) => heading), ...rows];
  // dmsetup pads only below headings.
  const between = separator ?? (noheadings ? ':' : undefined);
  if (between !== undefined) return all.map((row) => `${row.join(between)}\n`).join('');
  const widths = columns.map(({ width, heading }, i) =>
    Math.max(width, noheadings ? 0 : heading.length, ...rows.map((row) => sizeOf(row[i]!))),
  );
  const isHeading = (row: readonly string[]): boolean => !noheadings && row === all[0];
  const pad = (cell: string, i: number, row: readonly string[]): string => {
    const blanks = ' '.repeat(Math.max(0, widths[i]! - sizeOf(cell)));
    return columns[i]!.right && !isHeading(row) ? blanks + cell : cell + blanks;
  };
  return all.map((row) => `${row.map((cell, i) => pad(cell, i, row)).join(' ')}\n`).join('');
}
