// A key goes to the kernel only: it is not in errors or debug output, and after it is wiped it is not in
// the memory of the process.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import {
  removeAfter,
  scratchDirectory,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';

const CLI = fileURLToPath(new URL('../../../../dist/cli/main.cjs', import.meta.url));
const FIXTURE = fileURLToPath(new URL('../../fixtures/crypt-key.js', import.meta.url));
const CHUNK = 1 << 20;

const PAGE = 4096;
/** Bits 62 and 63 of a pagemap entry: the page is swapped, or in memory. Source: proc_pid_pagemap(5). */
const HAS_CONTENT = 0xc000_0000;

/** The writable mappings of a process: [from, to) of each. */
const mappings = (pid: number): readonly (readonly [from: number, to: number])[] =>
  readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .filter((line) => /^\S+ rw/.test(line))
    .map((line) => {
      const [from = '0', to = '0'] = line.split(' ')[0]!.split('-');
      return [Number.parseInt(from, 16), Number.parseInt(to, 16)];
    });

/**
 * The parts of a mapping that have content. Reading an untouched page would map it, and V8 reserves more pages than a
 * process of user-mode Linux can map.
 */
function contents(pid: number, [from, to]: readonly [number, number]): [number, number][] {
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  const entries = Buffer.alloc(((to - from) / PAGE) * 8);
  const read = readSync(pagemap, entries, 0, entries.length, (from / PAGE) * 8);
  closeSync(pagemap);
  const parts: [number, number][] = [];
  for (let offset = 0; offset < read; offset += 8) {
    if ((entries.readUInt32LE(offset + 4) & HAS_CONTENT) === 0) continue;
    const at = from + (offset / 8) * PAGE;
    const last = parts.at(-1);
    if (last?.[1] === at) last[1] += PAGE;
    else parts.push([at, at + PAGE]);
  }
  return parts;
}

/** Read memory at an address. Empty if it has been unmapped since the mappings were listed. */
function readMemory(pid: number, memory: number, into: Buffer, at: number): number {
  try {
    return readSync(memory, into, 0, into.length, at);
  } catch (error) {
    const isThere = mappings(pid).some(([from, to]) => from <= at && at + into.length <= to);
    if ((error as NodeJS.ErrnoException).code !== 'EIO' || isThere) throw error;
    return 0;
  }
}

/** Count the occurrences of `needles` in the memory of a process. */
function search(pid: number, needles: readonly Buffer[]): number {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const overlap = Math.max(...needles.map(({ length }) => length));
  const chunk = Buffer.alloc(CHUNK + overlap);
  let found = 0;
  for (const [from, to] of mappings(pid).flatMap((mapping) => contents(pid, mapping))) {
    for (let at = from; at < to; at += CHUNK) {
      const length = readMemory(
        pid,
        memory,
        chunk.subarray(0, Math.min(chunk.length, to - at)),
        at,
      );
      for (const needle of needles) {
        if (chunk.subarray(0, length).includes(needle)) found += 1;
      }
    }
  }
  closeSync(memory);
  return found;
}

test('a key is in no error and no debug output, and after it is wiped it is not in memory', async (t) => {
  const key = randomBytes(64);
  const hex = Buffer.from(key.toString('hex'));
  // Half of a key is half of a secret: the search covers its first and last bytes separately.
  const needles = [key.subarray(0, 16), key.subarray(48), hex.subarray(0, 32), hex.subarray(96)];
  const keyFile = join(scratchDirectory(t), 'key');
  writeFileSync(keyFile, key);
  const name = uniqueName('crypt');
  removeAfter(t, name);
  const device = await scratchLoop(t);
  const child = spawn(process.execPath, [FIXTURE, device, keyFile, name], {
    env: { ...process.env, DEBUG: 'dmts:*' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  t.is(child.exitCode, null, output);

  for (const needle of needles) t.false(output.includes(needle.toString('latin1')));
  t.false(output.includes(hex.toString().slice(0, 32)));
  t.regex(output, /\[key of 64 bytes\]/);
  t.regex(output, /DM_TABLE_LOAD .*flags=secure_data.*crypt aes-xts-plain64 0{128} /);
  t.regex(output, /DM_TARGET_MSG .*flags=secure_data.*key set 0{128}/);
  t.is(search(child.pid!, needles), 0, 'the key is still in memory');
  t.is(
    search(process.pid, needles) > 0,
    true,
    'the search finds a key that is there: in this process',
  );
});

test('strace sees the secure-data flag in each load with a key, and only in those', async (t) => {
  const key = randomBytes(32).toString('hex');
  const device = await scratchLoop(t);
  const loads = (table: string): readonly string[] => {
    const name = uniqueName();
    removeAfter(t, name);
    const { status, stderr } = spawnSync(
      'strace',
      ['-f', '-qq', '-e', 'trace=ioctl', process.execPath, CLI, 'create', name, '--table', table],
      { encoding: 'utf8' },
    );
    t.is(status, 0, stderr);
    return stderr.split('\n').filter((line) => line.includes('DM_TABLE_LOAD'));
  };
  const secret = loads(`0 2048 crypt aes-xts-plain64 ${key} 0 ${device} 0`);
  t.is(secret.length, 1);
  t.regex(secret[0]!, /flags=[A-Z_|]*DM_SECURE_DATA_FLAG/);
  const plain = loads(`0 2048 linear ${device} 0`);
  t.is(plain.length, 1);
  t.notRegex(plain[0]!, /DM_SECURE_DATA_FLAG/);
});
