// `dmts info -c`: the selection and order of fields.

import { UsageError } from '../support/exit-status.ts';
import { formatReport, type ReportOptions } from '../support/report.ts';
import { defaultFields, type FieldSource, type InfoField, infoFields } from './info-fields.ts';

/** The options of the report. */
export interface ColumnOptions extends ReportOptions {
  /** Comma-separated; a leading `+` adds to the default fields. */
  readonly options?: string;
  /** Comma-separated; a leading `-` sorts a field in descending order. */
  readonly sort?: string;
}

/** libdevmapper accepts `VGName` for `vg_name`. */
const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();

/** Finds the field `name`. @throws UsageError that lists all fields */
export function findField(name: string): InfoField {
  const found = infoFields.find((field) => plain(field.name) === plain(name));
  if (found) return found;
  const names = infoFields.map((field) => field.name).join(', ');
  throw new UsageError(`invalid field: expected one of ${names}, got ${JSON.stringify(name)}`);
}

/** The list of fields for `-o help`, one per line. */
export const fieldsHelp = (): string => infoFields.map(({ name }) => `${name}\n`).join('');

const words = (text: string): readonly string[] => text.split(',').filter((word) => word !== '');

function chosenFields(options: string | undefined): readonly InfoField[] {
  if (options === undefined) return defaultFields.map(findField);
  const names = options.startsWith('+')
    ? [...defaultFields, ...words(options.slice(1))]
    : words(options);
  return names.flatMap((name) => (name === 'all' ? infoFields : findField(name)));
}

/** Compares numbers by value, everything else by text. */
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

/** Formats the report of these devices. */
export function infoReport(sources: readonly FieldSource[], options: ColumnOptions): string {
  const fields = chosenFields(options.options);
  const rows = sorted(sources, options.sort).map((source) =>
    fields.map((field) => field.text(source)),
  );
  return formatReport(fields, rows, options);
}
