import type { Suite } from './suites.ts';

/** How a program that runs a machine is started. */
export interface Launch {
  /** What runs the machine, for messages: `QEMU`, `user-mode Linux`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Variables besides our own environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** One run's share of a machine. */
export interface LaunchOptions {
  /** Directory with the job's scripts, read-only in the guest. */
  readonly job: string;
  /** Directory for files that live as long as the machine. */
  readonly work: string;
  /** MiB. */
  readonly memory: number;
  /** Raw image files, in order. */
  readonly disks: readonly string[];
  /** The number of a processor for this machine alone. */
  readonly processor: number;
  /** Whether the kernel prints all messages on its console. */
  readonly verbose: boolean;
}

/** A kernel that is ready to boot, and what boots it. */
export interface Machine {
  readonly kind: 'uml' | 'qemu';
  readonly suite: Suite;
  /** What `uname -r` prints in the guest: `6.1.176`, `6.1.0-50-amd64`. */
  readonly release: string;
  /** Disks in the guest are this and a letter: `/dev/ubd` for `/dev/ubda`. */
  readonly diskPrefix: string;
  /** Modules that make disks appear. */
  readonly diskModules: readonly string[];
  /** Seconds that a boot may take: many times what it takes on an idle machine. */
  readonly bootSeconds: number;
  readonly launch: (options: LaunchOptions) => Promise<Launch>;
}

/** How a machine is prepared: installed, fetched and built where the cache lacks it. */
export interface PrepareOptions {
  /** The cache directory, see `cacheDirectory`. */
  readonly cache: string;
  readonly signal?: AbortSignal | undefined;
  /** Receives one message at a time about what takes long. */
  readonly log?: (message: string) => void;
}
