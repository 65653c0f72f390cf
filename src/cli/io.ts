// What a command sees of the world outside: a process has the real one, a test has its own.

import type { Readable } from 'node:stream';
import type { Transport } from '../dm/transport.ts';
import type { DmsetupSettings } from './dmsetup-options.ts';

/** Somewhere text goes. */
export interface Output {
  /** `done` is called when it is on its way, or cannot be. */
  readonly write: (data: string | Uint8Array, done?: (error?: Error | null) => void) => unknown;
  /** It is a terminal. @default false */
  readonly isTTY?: boolean;
  /** Its columns, if it is one. */
  readonly columns?: number;
}

/** The world of one run of a command. */
export interface Io {
  /** Data, and nothing else. */
  readonly stdout: Output;
  /** What is said to the one who runs it. */
  readonly stderr: Output;
  readonly stdin: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Somebody sits at stdin, who can be asked. */
  readonly isTTY: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Where sysfs is. @default '/sys' */
  readonly sysDir?: string;
  /** What dmsetup's own options say. */
  readonly dmsetup?: DmsetupSettings;
  /** A kernel other than the one below us. */
  readonly transport?: Transport;
}

/** Where device nodes are: `$DM_DEV_DIR`, as for dmsetup, or `/dev`. */
export const devDirOf = ({ env }: Io): string => env['DM_DEV_DIR'] || '/dev';
