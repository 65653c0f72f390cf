// `dmts info -c`: which fields, in which order.

import { UsageError } from './exit-status.ts';
import { defaultFields, type FieldSource, type InfoField, infoFields } from './info-fields.ts';
import { formatReport, type ReportOptions } from './report.ts';

/** The options of the report. */
export interface ColumnOptions extends ReportOptions {
  /** Comma-separated; with a `+` in front, besides the usual ones. */
  readonly fields?: string;
  /** Comma-separated; a `-` in front of a field sorts it downwards. */
  readonly sort?: string;
}

function findField(name: string): InfoField {
  const found = infoFields.find((field) => field.name === name);
  if (found) return found;
  const names = infoFields.map((field) => field.name).join(', ');
  throw new UsageError(`there is no field "${name}"; there are ${names}`);
}

const words = (text: string): readonly string[] => text.split(',').filter((word) => word !== '');

function chosenFields(fields: string | undefined): readonly InfoField[] {
  if (fields === undefined) return defaultFields.map(findField);
  const names = fields.startsWith('+')
    ? [...defaultFields, ...words(fields.slice(1))]
    : words(fields);
  return names.map(findField);
}

/** Numbers by their value, everything else by its text. */
function compare(field: InfoField, a: FieldSource, b: FieldSource): number {
  const [left, right] = [field.text(a), field.text(b)];
  if (field.right) return Number.parseFloat(left) - Number.parseFloat(right) || 0;
  return left < right ? -1 : Number(left > right);
}

function sorted(sources: readonly FieldSource[], sort: string | undefined): readonly FieldSource[] {
  if (sort === undefined) return sources;
  const keys = words(sort).map((word) => ({
    field: findField(word.replace(/^[+-]/, '')),
    sign: word.startsWith('-') ? -1 : 1,
  }));
  return sources.toSorted((a, b) =>
    keys.reduce((order, { field, sign }) => order || sign * compare(field, a, b), 0),
  );
}

/** The report of these devices. */
export function infoReport(sources: readonly FieldSource[], options: ColumnOptions): string {
  const fields = chosenFields(options.fields);
  const rows = sorted(sources, options.sort).map((source) =>
    fields.map((field) => field.text(source)),
  );
  return formatReport(fields, rows, options);
}
