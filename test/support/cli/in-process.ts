// Runs a command in this process with streams of strings: far quicker than a separate process.

import { Readable } from 'node:stream';
import { run } from '../../../src/cli/run.ts';
import type { Io } from '../../../src/cli/support/io.ts';
import type { Transport } from '../../../src/index.ts';
import type { Outcome } from './dmts.ts';
import { type FakeDevice, type FakeMachine, fakeMachine } from './fake-machine.ts';

/** The environment of a command. */
export interface World {
  readonly devices?: readonly FakeDevice[];
  readonly refusals?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Replaces `stdin`: an endless source. */
  readonly input?: Readable;
  /** Whether all three streams are terminals. */
  readonly isTTY?: boolean;
  /** Width of the terminal in columns. */
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly sysDir?: string;
  readonly signal?: AbortSignal;
  /** Called with all of stdout so far, after each write. */
  readonly onOutput?: (stdout: string) => void;
}

async function capture(
  argv: readonly string[],
  stdin: string,
  {
    onOutput,
    columns,
    input,
    ...io
  }: Partial<Omit<Io, 'stdin' | 'stdout' | 'stderr'>> &
    Pick<World, 'onOutput' | 'columns' | 'input'>,
): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const { isTTY = false } = io;
  const status = await run(argv, {
    stdout: {
      write: (data, done) => {
        stdout += typeof data === 'string' ? data : Buffer.from(data).toString();
        onOutput?.(stdout);
        done?.();
      },
      isTTY,
      ...(columns !== undefined && { columns }),
    },
    stderr: { write: (text) => (stderr += text), isTTY },
    stdin: input ?? Readable.from([Buffer.from(stdin)]),
    env: {},
    isTTY: false,
    signal: new AbortController().signal,
    ...io,
  });
  return { status, stdout, stderr };
}

/** Run `dmts` with `argv` on a fake kernel. */
export async function runIn(
  { devices = [], refusals, stdin = '', ...io }: World,
  ...argv: readonly string[]
): Promise<Outcome & Pick<FakeMachine, 'requests'>> {
  const { transport, requests } = fakeMachine(devices, refusals);
  const outcome = await capture(argv, stdin, { sysDir: '/nonexistent', ...io, transport });
  return { ...outcome, requests };
}

/** Run `dmts` with `argv` on a kernel that remains after it. */
export const runOn = (
  kernel: Transport,
  {
    stdin = '',
    ...io
  }: Partial<Omit<Io, 'stdin' | 'stdout' | 'stderr' | 'transport'>> &
    Pick<World, 'stdin' | 'onOutput' | 'columns' | 'input'>,
  ...argv: readonly string[]
): Promise<Outcome> => capture(argv, stdin, { sysDir: '/nonexistent', ...io, transport: kernel });

/** Run `dmts` with `argv` on the running kernel. */
export const runHere = (
  argv: readonly string[],
  stdin = '',
  env: Io['env'] = {},
): Promise<Outcome> => capture(argv, stdin, { env });
