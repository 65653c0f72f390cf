// Runs program.ts on Bun and on Deno: npm run test:runtimes.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../../vm/cache.ts';
import { GuestError } from '../../vm/errors.ts';
import { fetchNpmPackage } from '../../vm/npm.ts';
import { run } from '../../vm/run.ts';
import { RUNTIMES, type Runtime } from './runtimes.ts';

const [EBADF, EINTR] = [9, 4];
const NO_POLL =
  'UnavailableError: cannot wait until a file is readable: Bun lacks uv_poll_start. Run the program with Node or Deno to watch devices. In Bun, wait for a single device instead (wait)';

const expected = ({ waits }: Runtime) => ({
  devices: ['data'],
  direct: { value: -1, errno: EBADF },
  threaded: "SyscallError: ENOTTY: inappropriate ioctl for device, ioctl BLKGETSIZE64 '/dev/null'",
  aborted: { value: -1, errno: EINTR },
  event: waits ? 'done' : NO_POLL,
});

const file = fileURLToPath(new URL('./program.js', import.meta.url));

async function check(runtime: Runtime): Promise<void> {
  const directory = await fetchNpmPackage(runtime.spec, { cache: cacheDirectory() });
  const program = join(directory, runtime.program);
  const version = (await run(program, ['--version'])).split('\n', 1)[0];
  const output: unknown = JSON.parse(await run(program, [...runtime.args, file]));
  assert.deepEqual(output, expected(runtime), runtime.spec);
  console.log(`${runtime.spec} (${version}): passed`);
}

let failures = 0;
for (const runtime of RUNTIMES) {
  try {
    await check(runtime);
  } catch (error) {
    if (!(error instanceof GuestError) && !(error instanceof assert.AssertionError)) throw error;
    failures += 1;
    console.error(`${runtime.spec}: FAILED: ${error.message}`);
  }
}
console.log(`${RUNTIMES.length - failures} passed, ${failures} failed`);
if (failures > 0) process.exitCode = 1;
