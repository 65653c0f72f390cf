// What passes by is the same afterwards, and only a terminal is told of it.

import test from 'ava';
import type { Io } from '../../src/cli/io.ts';
import { counted } from '../../src/cli/storage/progress.ts';

/** Send `chunks` by, and give what came out and what stderr was told. */
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

test('on a terminal: how much so far, and in the end how much it was', async (t) => {
  const { out, told } = await sent(true, ['a'.repeat(1000), 'b'.repeat(1048)]);
  t.is(out.length, 2048);
  t.true(told.startsWith('\rwrote 1000b'), told);
  t.true(told.endsWith('\rwrote 2.00k\n'), told);
});

test('elsewhere: nothing', async (t) => {
  t.deepEqual(await sent(false, ['tar']), { out: 'tar', told: '' });
});
