// Runs the tests with real Docker in a guest: npm run test:docker. Names of compiled test files select those.

import { readdirSync } from 'node:fs';
import { GuestError } from '../../../vm/errors.ts';
import { runWithDocker } from './guest-run.ts';

/** Time limit in seconds for all files on an emulated kernel. */
const TIME_LIMIT = 3600;

const asked = process.argv.slice(2);
const here = new URL('../', import.meta.url);
const all = readdirSync(here).filter((name) => name.endsWith('.test.js'));
const planned = asked.length > 0 ? asked.length : all.length;

try {
  process.exitCode = await runWithDocker({
    program: new URL('./guest.js', import.meta.url),
    args: asked,
    timeout: TIME_LIMIT,
  });
} catch (error) {
  if (!(error instanceof GuestError)) throw error;
  console.error(`\nDOCKER TESTS DID NOT RUN TO THEIR END: ${error.message}`);
  console.error(`0 test files of ${planned} counted as passed`);
  process.exitCode = error.exitStatus;
}
