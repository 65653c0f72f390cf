// Columns in the format of dmsetup's reports.

import type { Command } from 'commander';

/** A column. */
export interface ReportColumn {
  /** The name of the field. */
  readonly name: string;
  readonly heading: string;
  /** The minimum width. */
  readonly width: number;
  readonly right?: boolean;
}

/** The layout of a report. */
export interface ReportOptions {
  /** Omit the headings. */
  readonly noheadings?: boolean;
  /** The separator between fields. It disables padding. */
  readonly separator?: string;
  /** Print `DM_NAME='value'` instead of the value. */
  readonly nameprefixes?: boolean;
  /** With name prefixes, print values without quotes. */
  readonly unquoted?: boolean;
  /** Print one line per field instead of one per row. */
  readonly rows?: boolean;
}

/** Adds the options of a report to a command. */
export const withReportOptions = (command: Command): Command =>
  command
    .option('--noheadings', 'omit the headings')
    .option('--separator <text>', 'separate fields with this text, without padding')
    .option('--nameprefixes', "print DM_FIELD='value', for scripts")
    .option('--unquoted', 'with --nameprefixes: print DM_FIELD=value, without quotes')
    .option('--rows', 'print one line per field, with the values of all rows');

/** dmsetup counts bytes. So its columns, like these, are misaligned where a name is not ASCII. */
const sizeOf = (cell: string): number => Buffer.byteLength(cell);

type Rows = readonly (readonly string[])[];

/** Formats a report: a line of headings and one line per row, or with `rows` one line per field. */
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
