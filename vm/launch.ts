import type { Suite } from './suites.ts';

/** The command line of a machine. */
export interface Launch {
  /** Name for messages: `QEMU`, `user-mode Linux`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Variables in addition to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
}

/** Options of one run of a machine. */
export interface LaunchOptions {
  /** Directory with the job's scripts, read-only in the guest. */
  readonly job: string;
  /** Directory for files that are deleted with the machine. */
  readonly work: string;
  /** Memory in MiB. */
  readonly memory: number;
  /** Raw image files, in order. */
  readonly disks: readonly string[];
  /** The number of a processor that only this machine uses. */
  readonly processor: number;
  /** Whether the kernel prints all messages on its console. */
  readonly verbose: boolean;
}

/** A kernel that is ready to boot, and its machine. */
export interface Machine {
  readonly kind: 'uml' | 'qemu';
  readonly suite: Suite;
  /** The output of `uname -r` in the guest: `6.1.176`, `6.1.0-50-amd64`. */
  readonly release: string;
  /** Path of a disk in the guest without its letter: `/dev/ubd` for `/dev/ubda`. */
  readonly diskPrefix: string;
  /** Modules for the disks. */
  readonly diskModules: readonly string[];
  /** Time limit of a boot in seconds: many times that of an idle machine. */
  readonly bootSeconds: number;
  readonly launch: (options: LaunchOptions) => Promise<Launch>;
}

/** Options of preparing a machine: installing, fetching and building what the cache lacks. */
export interface PrepareOptions {
  /** The cache directory, see `cacheDirectory`. */
  readonly cache: string;
  readonly signal?: AbortSignal | undefined;
  /** Receives progress messages. */
  readonly log?: (message: string) => void;
}
