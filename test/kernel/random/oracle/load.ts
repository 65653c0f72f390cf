// A table loaded by us and by dmsetup, and what came of it.

import { spawnSync } from 'node:child_process';
import {
  type DeviceMapper,
  DmError,
  formatTable,
  InputError,
  isDmError,
  parseTable,
  type TargetInput,
} from '../../../../src/index.ts';
import { isSameErrno } from '../../../../src/ioctl/errno.ts';
import { codeOfWords } from './error-words.ts';

/** What came of a table. */
export type Outcome =
  /** It was loaded and resumed; its text as it is read back. */
  | { readonly kind: 'accepted'; readonly table: string }
  /** Refused before the kernel saw it. */
  | { readonly kind: 'unsent'; readonly why: string }
  | {
      readonly kind: 'refused';
      readonly step: 'load' | 'resume';
      readonly code: string;
      readonly why: string;
    };

/** A table to load. */
export interface Loading {
  /** As dmsetup reads it. */
  readonly text: string;
  readonly readOnly: boolean;
  /** As the library is given it. @default the text, read by the library */
  readonly table?: readonly TargetInput[] | undefined;
}

const PATIENCE_MS = 60_000;
const RETRY_MS = 10_000;

const STEPS: Readonly<Record<string, 'load' | 'resume'>> = {
  DM_TABLE_LOAD: 'load',
  DM_DEV_SUSPEND: 'resume',
  reload: 'load',
  resume: 'resume',
};

/** In words, for figures and reports. */
export function told(outcome: Outcome): string {
  if (outcome.kind === 'accepted') return 'accepted';
  if (outcome.kind === 'unsent') return 'refused unsent';
  return `${outcome.code} at ${outcome.step}`;
}

/** A table's text, without what the kernel changes by itself: a RAID's stripe cache grows when it needs more. */
const settled = (table: string): string => table.replace(/ stripe_cache \d+/g, ' stripe_cache N');

/** Whether the two came to the same; what neither of them sent or accepted is the same, too. */
export function isSame(ours: Outcome, theirs: Outcome): boolean {
  if (ours.kind === 'accepted' && theirs.kind === 'accepted') {
    return settled(ours.table) === settled(theirs.table);
  }
  if (ours.kind === 'refused' && theirs.kind === 'refused') {
    return ours.step === theirs.step && isSameErrno(ours.code, theirs.code);
  }
  return ours.kind === 'unsent' && theirs.kind !== 'accepted';
}

/** Load, resume, read back and remove through the library. */
export async function loadOurs(
  dm: DeviceMapper,
  name: string,
  { text, readOnly, table }: Loading,
): Promise<Outcome> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await dm.create(name, { table: table ?? parseTable(text), readOnly, signal });
  } catch (error) {
    if (error instanceof InputError) return { kind: 'unsent', why: error.message };
    if (!(error instanceof DmError)) throw error;
    const step = STEPS[error.command ?? ''];
    if (step === undefined) throw error;
    // Where the library knows better what is wrong with a path, the kernel's own answer is the cause.
    const { code } = error.cause instanceof DmError ? error.cause : error;
    return { kind: 'refused', step, code, why: error.message };
  }
  const { targets } = await dm.table(name);
  await dm.remove(name, { retryMs: RETRY_MS });
  return { kind: 'accepted', table: `${formatTable(targets)}\n` };
}

/** Without udevd dmsetup makes its nodes itself. */
const ENV = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };

function dmsetup(args: readonly string[], input = '') {
  const env = { ...ENV, DM_DISABLE_UDEV: '1' };
  const { error, signal, ...result } = spawnSync('dmsetup', [...args], {
    env,
    input,
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });
  if (error !== undefined || signal !== null) {
    throw new Error(`dmsetup ${args.join(' ')} ended by ${error?.message ?? signal}`);
  }
  return result;
}

/** Load, resume and read back with dmsetup, and remove. */
export async function loadTheirs(
  dm: DeviceMapper,
  name: string,
  { text, readOnly }: Loading,
): Promise<Outcome> {
  const access = readOnly ? ['--readonly'] : [];
  const { status, stderr } = dmsetup(['create', ...access, name], text);
  if (status !== 0) return refusalOf(stderr);
  const { stdout } = dmsetup(['table', '--showkeys', name]);
  await dm.remove(name, { retryMs: RETRY_MS });
  return { kind: 'accepted', table: stdout };
}

function refusalOf(stderr: string): Outcome {
  const failed = /^device-mapper: (\w+) ioctl on .* failed: (.*)$/m.exec(stderr);
  if (failed === null) return { kind: 'unsent', why: stderr.trim() };
  const step = STEPS[failed[1]!];
  if (step === undefined) throw new Error(`dmsetup failed elsewhere: ${stderr}`);
  return { kind: 'refused', step, code: codeOfWords(failed[2]!), why: stderr.trim() };
}

/** After a case that went wrong: nothing of it is left. */
export async function removeLeftover(dm: DeviceMapper, name: string): Promise<void> {
  try {
    await dm.remove(name, { force: true, retryMs: RETRY_MS });
  } catch (error) {
    if (!isDmError(error, 'ENXIO')) throw error;
  }
}
