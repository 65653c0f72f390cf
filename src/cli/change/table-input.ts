// Reads a table from --table, a file, or stdin.

import { readFile } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { parseTable, type TargetInput } from '../../dm/text/table.ts';
import { NotBegun, UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';

/** The source of the table on the command line. */
export interface TableSource {
  readonly table?: string | undefined;
  readonly file?: string | undefined;
}

/** Reads the table. @throws UsageError or InputError for an invalid table */
export async function readTable(io: Io, source: TableSource): Promise<readonly TargetInput[]> {
  const { table, file } = source;
  if (table !== undefined && file !== undefined) {
    throw new UsageError(`--table excludes the file ${file}`);
  }
  const targets = parseTable(table ?? (await readText(io, file)));
  if (targets.length === 0) {
    throw new UsageError('the table is empty: expected lines of START LENGTH TYPE PARAMS');
  }
  return targets;
}

/** Reads the text of a file, or stdin. */
export async function readText(io: Io, file: string | undefined): Promise<string> {
  try {
    return await (file === undefined ? slurp(io) : slurpFile(file, io));
  } catch (error) {
    if (io.signal.aborted) throw new NotBegun('nothing was changed');
    throw error;
  }
}

async function slurpFile(file: string, io: Io): Promise<string> {
  return file === '-' ? slurp(io) : await readFile(file, { encoding: 'utf8', signal: io.signal });
}

async function slurp({ stdin, stderr, isTTY, signal }: Io): Promise<string> {
  if (isTTY) stderr.write('dmts: reading the table from the terminal; Ctrl-D ends it\n');
  const chunks: Buffer[] = [];
  for await (const chunk of addAbortSignal(signal, stdin)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
