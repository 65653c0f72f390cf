// What runs dmts besides Node, as npm packages with a program for x86-64 in them.

/** A JavaScript runtime. */
export interface Runtime {
  /** The npm package, and the newest version of which line. */
  readonly spec: string;
  /** Its program in there. */
  readonly program: string;
  /** What comes before the file to run. */
  readonly args: readonly string[];
  /** Whether it can wait for device events. Otherwise that is refused in a sentence. */
  readonly waits: boolean;
}

export const RUNTIMES: readonly Runtime[] = [
  { spec: '@oven/bun-linux-x64@1.4', program: 'bin/bun', args: ['run'], waits: false },
  { spec: '@deno/linux-x64-glibc@2.9', program: 'deno', args: ['run', '--allow-all'], waits: true },
];
