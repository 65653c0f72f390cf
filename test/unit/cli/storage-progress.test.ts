// A counted stream passes unchanged, and only a terminal shows its progress.

import test from 'ava';
import { counted } from '../../../src/cli/storage-support/progress.ts';
import type { Io } from '../../../src/cli/support/io.ts';

/** Pass `chunks` through. @returns the output, and the text on stderr */
async function sent(
  isTTY: boolean,
  chunks: readonly string[],
): Promise<{ readonly out: string; readonly told: string }> {
  let told = '';
  const stderr: Io['stderr'] = { isTTY, write: (text) => (told += text) };
  const source = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  let out = '';
  for await (const chunk of counted({ stderr } as Io, 'wrote', source)) out += Buffer.from(chunk);
  return { out, told };
}

test('on a terminal: the progress, and the total at the end', async (t) => {
  const { out, told } = await sent(true, ['a'.repeat(1000), 'b'.repeat(1048)]);
  t.is(out.length, 2048);
  t.true(told.startsWith('\rwrote 1000b'), told);
  t.true(told.endsWith('\rwrote 2.00k\n'), told);
});

test('without a terminal: nothing', async (t) => {
  t.deepEqual(await sent(false, ['tar']), { out: 'tar', told: '' });
});
