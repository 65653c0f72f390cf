// Tables: loaded, given at creation, read from text.

import fc from 'fast-check';
import { dmIoctl } from '../../src/dm/wire/abi.ts';
import { Dm } from '../../src/dm/wire/commands.ts';
import { formatConcise, parseConcise, parseTable } from '../../src/index.ts';
import { type Call, commandOf } from './calls.ts';
import { anyName } from './names.ts';
import { readable, type Scenario, withDm } from './scenario.ts';
import {
  longTables,
  looseTexts,
  openLines,
  smallTables,
  strangeTables,
  type Table,
  tablesOf,
  tablesWithKeys,
  tableText,
} from './tables.ts';
import { TARGETS } from './targets.ts';

const CREATES = [Dm.DEV_CREATE, Dm.TABLE_LOAD, Dm.DEV_SUSPEND];

/** `create` resumes by name, we by the number of the device that was just created: nobody can have renamed it. */
function withoutResumed(call: Call): Call {
  if (commandOf(call) !== Dm.DEV_SUSPEND) return call;
  const bytes = Buffer.from(call.bytes);
  dmIoctl.encodeInto({ ...dmIoctl.decode(bytes), name: '', dev: 0n }, bytes);
  return { ...call, bytes };
}

const load = (table: Table): Scenario =>
  readable({
    args: ['load', 'd'],
    input: tableText(table),
    commands: [Dm.TABLE_LOAD],
    ours: withDm((dm) => dm.load('d', table)),
  });

const create = fc
  .record({ name: anyName, uuid: fc.option(anyName), readOnly: fc.boolean(), table: smallTables })
  .map(({ name, uuid, readOnly, table }) =>
    readable({
      args: [
        'create',
        ...(readOnly ? ['-r'] : []),
        ...(uuid === null ? [] : ['-u', uuid]),
        '--',
        name,
      ],
      input: tableText(table),
      commands: CREATES,
      align: withoutResumed,
      ours: withDm((dm) => dm.create(name, { table, readOnly, ...(uuid !== null && { uuid }) })),
    }),
  );

const loose = looseTexts.map((text) =>
  readable({
    args: ['load', 'd'],
    input: text,
    commands: [Dm.TABLE_LOAD],
    ours: withDm((dm) => dm.load('d', parseTable(text))),
  }),
);

const concise = fc
  .array(
    fc.record({
      name: anyName,
      uuid: fc.option(anyName, { nil: undefined }),
      readOnly: fc.boolean(),
      table: smallTables.map(openLines),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map(formatConcise)
  .map((text) =>
    readable({
      // dmsetup calls an entry incomplete when the very last character is an escaped one.
      args: ['create', '--concise', '--', `${text}\n`],
      commands: CREATES,
      align: withoutResumed,
      ours: withDm(async (dm) => {
        for (const { name, uuid, readOnly, table } of parseConcise(text)) {
          await dm.create(name, { readOnly, table, ...(uuid !== undefined && { uuid }) });
        }
      }),
    }),
  );

/** What is compared, by name. */
export const LOADS: Readonly<Record<string, fc.Arbitrary<Scenario>>> = {
  ...Object.fromEntries(
    Object.keys(TARGETS).map((type) => [`load of ${type}`, tablesOf(type).map(load)]),
  ),
  'load of types nobody knows': strangeTables.map(load),
  'load of tables with keys': tablesWithKeys.map(load),
  'load of up to fifty targets': longTables.map(load),
  'load of a text somebody typed': loose,
  'create with a table': create,
  'create --concise': concise,
};
