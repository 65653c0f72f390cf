// Runs the benchmark: `npm run bench [-- --quick] [-- PART…]`. Each part runs in a guest of its own. Then writes the page and the
// plots from the results of all parts.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { runInGuest } from '../vm/guest.ts';
import { type Suite, suites } from '../vm/suites.ts';
import { benchmarksPage } from './page.ts';
import type { Part } from './part.ts';
import { parts } from './parts.ts';

const DIRECTORY = 'docs/benchmarks';
/** Seconds that one part may take. */
const TIME_LIMIT = 7200;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    kernel: { type: 'string', default: 'sid' },
  },
});
const kernel = suiteOf(values.kernel);
const names = parts.map(({ name }) => name);
const unknown = positionals.find((name) => !names.includes(name));
if (unknown !== undefined) {
  throw new Error(`invalid part: expected ${names.join(', ')}, got ${unknown}`);
}

function suiteOf(word: string): Suite {
  const suite = suites.find((each) => each === word);
  if (suite !== undefined) return suite;
  throw new Error(`invalid kernel: expected ${suites.join(', ')}, got ${word}`);
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));

/** Runs a part in a guest. @returns its results as JSON */
async function runPart(part: Part): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dmts-bench-'));
  const chunks: Buffer[] = [];
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  try {
    const { command, disks } = await part.prepare({ quick: values.quick, directory });
    const { exitCode } = await runInGuest({
      command,
      disks,
      kernel,
      timeout: TIME_LIMIT,
      signal: interrupt.signal,
      stdout,
      log: (message) => console.error(`vm: ${message}`),
    });
    if (exitCode !== 0) throw new Error(`cannot measure ${part.name}: status ${exitCode}`);
    return `${JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()), null, 2)}\n`;
  } finally {
    await rm(directory, { recursive: true });
  }
}

mkdirSync(DIRECTORY, { recursive: true });
for (const part of parts.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
))
  writeFileSync(join(DIRECTORY, `${part.name}.json`), await runPart(part));

const sections = parts.map(({ name, section, plot }) => {
  const results: never = JSON.parse(readFileSync(join(DIRECTORY, `${name}.json`), 'utf8')) as never;
  writeFileSync(join(DIRECTORY, `${name}.svg`), plot(results));
  return { name, text: section(results) };
});
writeFileSync('docs/benchmarks.md', benchmarksPage(sections));
