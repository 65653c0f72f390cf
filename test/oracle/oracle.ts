// Runs the real dmsetup with a device mapper of our own preloaded (shim.c), and gives every request it sent.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Call } from './calls.ts';

const SHIM = fileURLToPath(new URL('../../../test/oracle/shim.c', import.meta.url));
/** The shim's log. */
const LOG_FD = 3;
/** Longer than dmsetup takes on any machine, however busy. */
const TIMEOUT_MS = 120_000;
/** dmsetup is often where only root's PATH leads. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** How dmsetup is run. */
export interface Invocation {
  readonly args: readonly string[];
  /** Its stdin. */
  readonly input?: string | undefined;
  /** More environment; nothing of this process's own gets through. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What dmsetup did. */
export interface DmsetupRun {
  readonly calls: readonly Call[];
  /** Its exit status, or the signal that ended it. */
  readonly status: number | string;
  readonly stderr: string;
}

/** dmsetup and the library that stands in for its kernel. */
export class Oracle implements Disposable {
  readonly #dir: string;
  readonly #library: string;
  /** `dmsetup version`, for the record. */
  readonly version: string;

  /** @throws Error saying what is missing: a C compiler, kernel headers, or dmsetup */
  constructor() {
    this.#dir = mkdtempSync(join(tmpdir(), 'dmts-oracle-'));
    this.#library = join(this.#dir, 'shim.so');
    try {
      compile(this.#library);
      this.version = dmsetupVersion();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Run dmsetup to its end. */
  async run({ args, input = '', env = {} }: Invocation): Promise<DmsetupRun> {
    const child = spawn('dmsetup', [...args], {
      env: { PATH, LC_ALL: 'C', LD_PRELOAD: this.#library, ...env },
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    const log: Buffer[] = [];
    const stderr: Buffer[] = [];
    (child.stdio[LOG_FD] as NodeJS.ReadableStream).on('data', (bytes: Buffer) => log.push(bytes));
    child.stderr?.on('data', (bytes: Buffer) => stderr.push(bytes));
    // A verb that reads no table may be gone before it is written.
    child.stdin?.on('error', () => undefined).end(input);
    const status = await new Promise<number | string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? String(signal)));
    });
    return {
      calls: parseLog(Buffer.concat(log)),
      status,
      stderr: Buffer.concat(stderr).toString('utf8'),
    };
  }
}

function compile(library: string): void {
  const flags = ['-std=gnu11', '-O1', '-Wall', '-Werror', '-shared', '-fPIC'];
  const gcc = spawnSync('gcc', [...flags, SHIM, '-o', library, '-ldl'], { encoding: 'utf8' });
  if (gcc.error) {
    throw new Error(`The oracle needs a C compiler: install gcc (${gcc.error.message})`);
  }
  if (gcc.status !== 0) {
    throw new Error(`The oracle needs the C library's and the kernel's headers:\n${gcc.stderr}`);
  }
}

function dmsetupVersion(): string {
  // Without a device mapper it fails, but tells its own version first.
  const { error, stdout } = spawnSync('dmsetup', ['version'], { encoding: 'utf8', env: { PATH } });
  if (error) throw new Error(`The oracle is dmsetup: install it (${error.message})`);
  return stdout.split('\n')[0]!.replace(/^.*:\s*/, '');
}

function parseLog(log: Buffer): readonly Call[] {
  const u32 = (at: number): number =>
    endianness() === 'LE' ? log.readUInt32LE(at) : log.readUInt32BE(at);
  const calls: Call[] = [];
  for (let at = 0; at < log.length; ) {
    const size = u32(at + 4);
    calls.push({ request: u32(at), bytes: log.subarray(at + 8, at + 8 + size) });
    at += 8 + size;
  }
  return calls;
}
