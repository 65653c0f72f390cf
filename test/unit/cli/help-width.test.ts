// The help of every command fits a terminal of 80 columns, and one of 36. Examples keep their lines at 36 columns.

import test, { type ExecutionContext } from 'ava';
import { exampleLines, WIDTH } from '../../../src/cli/help/help.ts';
import { runIn } from '../../support/cli/in-process.ts';
import { allVerbs } from '../../support/cli/verbs.ts';

const NARROW = 36;

async function helpOf(t: ExecutionContext, verb: string, columns?: number): Promise<string> {
  const world = columns === undefined ? {} : { columns, isTTY: true };
  const { status, stdout } = await runIn(world, ...verb.split(' ').filter(Boolean), '--help');
  t.is(status, 0);
  return stdout;
}

const tooLong = (text: string, columns: number): readonly string[] =>
  text.split('\n').filter((line) => line.length > columns);

/** The help without the examples. */
const prose = (help: string): string => help.replace(/\nExamples:\n( .*\n)*/, '');

/** Words that fit no line, such as the list of example devices with its commas. */
const isOneWord = (line: string): boolean => !/\S\s\S/.test(line);

for (const verb of ['', ...(await allVerbs())]) {
  test(`dmts ${verb} --help at ${WIDTH} and ${NARROW} columns`, async (t) => {
    const wide = await helpOf(t, verb, WIDTH);
    t.deepEqual(tooLong(wide, WIDTH), []);
    t.is(await helpOf(t, verb), wide);
    t.not(prose(wide), wide);
    const narrow = await helpOf(t, verb, NARROW);
    t.deepEqual(
      tooLong(prose(narrow), NARROW).filter((line) => !isOneWord(line)),
      [],
    );
    // Nothing is lost: both have the same words.
    const words = (text: string): readonly string[] => prose(text).split(/\s+/).filter(Boolean);
    t.deepEqual(words(narrow), words(wide));
  });
}

test('a long example breaks before an option, as a shell accepts it', (t) => {
  const words = 'dmts pool create tank --metadata /dev/sdb1 --data /dev/sdb2';
  t.deepEqual(exampleLines(`${words} --block-size 512k --feature skip_block_zeroing`), [
    `${words} \\`,
    '    --block-size 512k --feature skip_block_zeroing',
  ]);
  t.deepEqual(exampleLines('dmts ls'), ['dmts ls']);
});
