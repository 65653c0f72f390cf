// The environment of a command. Tests replace it.

import type { Readable } from 'node:stream';
import type { Mangling } from '../../dm/wire/names.ts';
import type { Transport } from '../../dm/wire/transport.ts';

/** An output stream. */
export interface Output {
  /** `done` is called once the text is written or the write has failed. */
  readonly write: (data: string | Uint8Array, done?: (error?: Error | null) => void) => unknown;
  /** Whether the stream is a terminal. @default false */
  readonly isTTY?: boolean;
  /** The width of the terminal in columns. */
  readonly columns?: number;
}

/** The settings of one run from dmsetup's common options. */
export interface DmsetupSettings {
  udevcookie?: number;
  noudevsync?: boolean;
  noudevrules?: boolean;
  manglename?: Mangling;
}

/** The environment of one run of a command. */
export interface Io {
  /** Results only. */
  readonly stdout: Output;
  /** Errors, warnings, notices and questions. */
  readonly stderr: Output;
  readonly stdin: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether stdin is a terminal, so that the command can ask. */
  readonly isTTY: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The mount point of sysfs. @default '/sys' */
  readonly sysDir?: string;
  /** The settings from dmsetup's common options. */
  readonly dmsetup?: DmsetupSettings;
  /** A replacement for the running kernel, for tests. */
  readonly transport?: Transport;
}

/** The directory of device nodes: `$DM_DEV_DIR`, as for dmsetup, or `/dev`. */
export const devDirOf = ({ env }: Io): string => env['DM_DEV_DIR'] || '/dev';
