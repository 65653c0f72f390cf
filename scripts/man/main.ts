// Writes the man pages into the folder man.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { manPages } from './pages.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly version: string;
};
/** Reproducible builds set the time. */
const epoch = process.env['SOURCE_DATE_EPOCH'];
const time = epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);

mkdirSync('man', { recursive: true });
for (const [name, text] of await manPages({ version, date: time.toISOString().slice(0, 10) })) {
  writeFileSync(`man/${name}`, text);
}
