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
  /** `DM_NAME='value'` in place of the value. */
  readonly nameprefixes?: boolean;
  /** With name prefixes, no quotes around values. */
  readonly unquoted?: boolean;
  /** A line for each field in place of one for each row. */
  readonly rows?: boolean;
}

/** Add the options of a report. */
export const withReportOptions = (command: Command): Command =>
  command
    .option('--noheadings', 'leave out the headings')
    .option('--separator <text>', 'put this between fields, and do not pad them')
    .option('--nameprefixes', "print DM_FIELD='value' for scripts to read")
    .option('--unquoted', 'with --nameprefixes: print DM_FIELD=value, without quotes')
    .option('--rows', 'print a line for each field, with the values of all rows in it');

/** dmsetup counts bytes, so its columns, and these, are ragged where a name is not ASCII. */
const sizeOf = (cell: string): number => Buffer.byteLength(cell);

type Rows = readonly (readonly string[])[];

/** The report's text: a line of headings, a line a row; with `rows` a line a field. */
export function formatReport(
  columns: readonly ReportColumn[],
  rows: Rows,
  options: ReportOptions,
): string {
  const { noheadings = false, separator, nameprefixes = false, rows: asRows = false } = options;
  const cells = nameprefixes ? rows.map((row) => prefixed(columns, row, options)) : rows;
  const all = noheadings ? cells : [columns.map(({ heading }) => heading), ...cells];
  // dmsetup pads only below headings.
  const aligned = separator === undefined && !noheadings && !nameprefixes && !asRows;
  if (aligned) return alignedText(columns, all);
  const between = separator ?? (noheadings ? ':' : ' ');
  const lines = asRows ? columns.map((_, i) => all.map((row) => row[i]!)) : all;
  return lines.map((line) => `${line.join(between)}\n`).join('');
}

const prefixed = (
  columns: readonly ReportColumn[],
  row: readonly string[],
  { unquoted = false }: ReportOptions,
): readonly string[] =>
  row.map((cell, i) => {
    const quote = unquoted ? '' : "'";
    return `DM_${columns[i]!.name.toUpperCase()}=${quote}${cell}${quote}`;
  });

function alignedText(columns: readonly ReportColumn[], all: Rows): string {
  const widths = columns.map(({ width }, i) =>
    Math.max(width, ...all.map((row) => sizeOf(row[i]!))),
  );
  const pad = (cell: string, i: number, isHeading: boolean): string => {
    const blanks = ' '.repeat(Math.max(0, widths[i]! - sizeOf(cell)));
    return columns[i]!.right && !isHeading ? blanks + cell : cell + blanks;
  };
  return all.map((row, r) => `${row.map((cell, i) => pad(cell, i, r === 0)).join(' ')}\n`).join('');
}
