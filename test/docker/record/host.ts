// Writes the files of test/fixtures/docker again from the output of real Docker: npm run docker:fixtures.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { runWithDocker } from '../suite/guest-run.ts';

const FIXTURES = 'test/fixtures/docker';
const TIME_LIMIT = 1800;

const chunks: Buffer[] = [];
const stdout = new Writable({
  write: (chunk: Buffer, _encoding, done) => {
    chunks.push(chunk);
    done();
  },
});

const status = await runWithDocker({
  program: new URL('./guest.js', import.meta.url),
  args: process.argv.slice(2),
  timeout: TIME_LIMIT,
  stdout,
});
process.exitCode = status;
const lines = Buffer.concat(chunks).toString().split('\n').filter(Boolean);
for (const line of lines) {
  const { path, text } = JSON.parse(line) as { readonly path: string; readonly text: string };
  const file = join(FIXTURES, path);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, text);
  console.log(file);
}
