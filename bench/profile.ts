// A CPU profile of the library's calls in a guest: `npm run bench:profile`. Prints the own time of each file and function.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInGuest } from '../vm/guest.ts';
import { deviceMapperPart } from './device-mapper/part.ts';

const GUEST = fileURLToPath(new URL('./device-mapper/guest/profile-main.js', import.meta.url));

const directory = await mkdtemp(join(tmpdir(), 'dmts-bench-'));
try {
  const { disks } = await deviceMapperPart.prepare({ quick: true, directory });
  const { exitCode } = await runInGuest({
    command: [process.execPath, GUEST, directory],
    disks,
    kernel: 'sid',
    timeout: 3600,
    log: (message) => console.error(`vm: ${message}`),
  });
  process.exitCode = exitCode;
} finally {
  await rm(directory, { recursive: true });
}
