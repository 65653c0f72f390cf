// The files that Node loads for a program. V8 reports them with the coverage.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './programs.ts';

interface Report {
  readonly result: readonly { readonly url: string }[];
}

/** The size of files in kB. */
export const sizeOf = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + statSync(join(ROOT, file)).size, 0) / 1000;

/** Runs node in the folder of the package, and returns the JavaScript files that it loaded, relative to that folder. */
export function modulesOf(args: readonly string[], env: NodeJS.ProcessEnv): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'dmts-modules-'));
  try {
    const { error } = spawnSync(process.execPath, args, {
      cwd: ROOT,
      env: { ...env, NODE_V8_COVERAGE: directory },
    });
    if (error) throw error;
    return readdirSync(directory).flatMap((name) => filesIn(join(directory, name)));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The files in a report. Node's own modules and the text of `-e` are none. */
const filesIn = (report: string): readonly string[] =>
  (JSON.parse(readFileSync(report, 'utf8')) as Report).result
    .filter(({ url }) => url.startsWith('file:') && !url.endsWith('/[eval1]'))
    .map(({ url }) => relative(ROOT, fileURLToPath(url)));
