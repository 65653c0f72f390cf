import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** Create a directory for this test. The end of the test removes it. */
export function tempDir(t: ExecutionContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'dmts-test-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
