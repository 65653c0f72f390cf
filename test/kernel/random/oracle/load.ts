// A table loaded by the library and by dmsetup, and the outcomes.

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
import { isSameErrno } from '../../../../src/ioctl/libc/errno.ts';
import { codeOfWords } from './error-words.ts';

/** The outcome of a table. */
export type Outcome =
  /** Loaded and resumed; the text as read back. */
  | { readonly kind: 'accepted'; readonly table: string }
  /** Rejected before the kernel received it. */
  | { readonly kind: 'unsent'; readonly why: string }
  | {
      readonly kind: 'refused';
      readonly step: 'load' | 'resume';
      readonly code: string;
      readonly why: string;
    };

/** A table to load. */
export interface Loading {
  /** The text for dmsetup. */
  readonly text: string;
  readonly readOnly: boolean;
  /** The table for the library. @default the text, parsed by the library */
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

/** A text for statistics and reports. */
export function told(outcome: Outcome): string {
  if (outcome.kind === 'accepted') return 'accepted';
  if (outcome.kind === 'unsent') return 'refused unsent';
  return `${outcome.code} at ${outcome.step}`;
}

/** A table's text without the values that the kernel changes: a RAID's stripe cache grows on demand. */
const settled = (table: string): string => table.replace(/ stripe_cache \d+/g, ' stripe_cache N');

/** Whether the outcomes are equal. Two that never reached the kernel or were not accepted are equal too. */
export function isSame(ours: Outcome, theirs: Outcome): boolean {
  if (ours.kind === 'accepted' && theirs.kind === 'accepted') {
    return settled(ours.table) === settled(theirs.table);
  }
  if (ours.kind === 'refused' && theirs.kind === 'refused') {
    return ours.step === theirs.step && isSameErrno(ours.code, theirs.code);
  }
  return ours.kind === 'unsent' && theirs.kind !== 'accepted';
}

/** Load, resume, read back and remove with the library. */
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
    // Where the library has a more precise error for a path, the kernel's own error is the cause.
    const { code } = error.cause instanceof DmError ? error.cause : error;
    return { kind: 'refused', step, code, why: error.message };
  }
  const { targets } = await dm.table(name);
  await dm.remove(name, { retryMs: RETRY_MS });
  return { kind: 'accepted', table: `${formatTable(targets)}\n` };
}

/** Without udevd dmsetup creates its nodes itself. */
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

/** Load, resume, read back and remove with dmsetup. */
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

/** Remove what a failed case left. */
export async function removeLeftover(dm: DeviceMapper, name: string): Promise<void> {
  try {
    await dm.remove(name, { force: true, retryMs: RETRY_MS });
  } catch (error) {
    if (!isDmError(error, 'ENXIO')) throw error;
  }
}
