// Other runtimes for dmts, as npm packages with an x86-64 binary.

/** A JavaScript runtime. */
export interface Runtime {
  /** The npm package, with its version range. */
  readonly spec: string;
  /** The path of its program in the package. */
  readonly program: string;
  /** The arguments before the file to run. */
  readonly args: readonly string[];
  /** Whether the runtime can wait for device events. If not, a wait fails with an error. */
  readonly waits: boolean;
}

export const RUNTIMES: readonly Runtime[] = [
  { spec: '@oven/bun-linux-x64@1.4', program: 'bin/bun', args: ['run'], waits: false },
  { spec: '@deno/linux-x64-glibc@2.9', program: 'deno', args: ['run', '--allow-all'], waits: true },
];
