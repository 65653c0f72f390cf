// The coverage of the tests in a guest. The guest merges the coverage of its processes and prints it as one line; the
// host writes that to the directory where c8 looks for coverage.

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { mergeProcessCovs, type ProcessCov } from '@bcoe/v8-coverage';

/** The variable with the directory to which Node writes the coverage of a process. c8 sets it. */
export const COVERAGE_VARIABLE = 'NODE_V8_COVERAGE';

/** The directory in a guest. */
export const GUEST_COVERAGE = '/tmp/dmts-coverage';

const PREFIX = 'coverage: ';

const isOurs = ({ url }: { readonly url: string }): boolean => url.includes('/build/src/');

/** The line with the coverage of all processes that wrote to `directory`. */
export function coverageLine(directory: string): string {
  let merged: ProcessCov = { result: [] };
  for (const name of readdirSync(directory)) {
    const one = JSON.parse(readFileSync(join(directory, name), 'utf8')) as ProcessCov;
    merged = mergeProcessCovs([merged, { result: one.result.filter(isOurs) }]);
  }
  return PREFIX + gzipSync(JSON.stringify(merged)).toString('base64');
}

/** Write the coverage in `output` to a file in `directory`. Returns the output without it. */
export function saveCoverage(output: string, directory: string): string {
  const lines = output.split('\n');
  const line = lines.find((one) => one.startsWith(PREFIX));
  if (line === undefined) return output;
  const merged = gunzipSync(Buffer.from(line.slice(PREFIX.length), 'base64'));
  writeFileSync(join(directory, `guest-${randomUUID()}.json`), merged);
  return lines.filter((one) => one !== line).join('\n');
}
