import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** A directory of this test's own, gone when the test is over. */
export function tempDir(t: ExecutionContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'dmts-test-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
