// Runs every example of every help text on this kernel. Only paths and the command dmts are replaced.

import { chdir, cwd } from 'node:process';
import test from 'ava';
import type { Command } from 'commander';
import { wholeTree } from '../../../scripts/man/pages.ts';
import { commands } from '../../../src/cli/commands.ts';
import { exampleLines } from '../../../src/cli/help/help.ts';
import { PROGRAM_EXAMPLES } from '../../../src/cli/help-topics.ts';
import { descriptionOf } from '../../../src/cli/support/describe.ts';
import { dmtsCommands } from '../../support/doc-blocks.ts';
import { Scene } from '../../support/kernel/example-scene.ts';
import { ANSWERS, OTHER_STAGES, STAGES, WAITING } from '../../support/kernel/example-stages.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { openDm } from '../../support/kernel/scratch.ts';

const PROJECT = cwd();

const below = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(below),
];

const tree = await wholeTree();
/** Each example once: those of a group are also those of its commands. */
const examples: ReadonlySet<string> = new Set([
  ...PROGRAM_EXAMPLES,
  ...below(tree).flatMap((command) => descriptionOf(command)?.examples ?? []),
]);

/** The command that an example runs first: `pool create`. */
function verbOf(example: string): string {
  const [words = []] = dmtsCommands(example);
  const [verb = ''] = words;
  const group = tree.commands.find((one) => one.name() === verb && one.commands.length > 0);
  const names = group?.commands.map((one) => one.name()) ?? [];
  const under = words.slice(1).find((word) => names.includes(word));
  return under === undefined ? verb : `${verb} ${under}`;
}

test('every example has a stage, and every stage an example', (t) => {
  t.true(examples.size > commands.size);
  const verbs = new Set([...examples].map(verbOf));
  const without = [...verbs].filter((verb) => !(verb in STAGES));
  t.deepEqual(without, [], 'commands of examples without a stage');
  const unused = Object.keys(STAGES).filter((verb) => !verbs.has(verb));
  t.deepEqual(unused, [], 'stages without an example');
  for (const table of [OTHER_STAGES, ANSWERS, WAITING]) {
    for (const example of Object.keys(table)) t.true(examples.has(example), example);
  }
});

for (const example of examples) {
  test(example, async (t) => {
    const lines = OTHER_STAGES[example] ?? STAGES[verbOf(example)];
    if (lines === undefined) {
      t.fail(
        `no stage for "dmts ${verbOf(example)}": add one to test/support/kernel/example-stages.ts`,
      );
      return;
    }
    const scene = await Scene.create(t, [...lines, example]);
    t.teardown(() => chdir(PROJECT));
    chdir(scene.directory);
    for (const line of lines) await scene.prepare(line);
    if (example.includes('/dev/dm-0')) {
      const dm = await openDm(t);
      scene.place('/dev/dm-0', (await dm.info('vol')).path);
    }
    const shown = exampleLines(example).join('\n');
    const waiting = WAITING[example];
    const { status, output, statuses } = waiting
      ? await scene.runUntil(shown, waiting.raise)
      : await scene.run(shown, ANSWERS[example]);
    t.log(waiting?.why ?? '', output);
    t.notRegex(output, /a bug in dmts|\n\s+at /);
    const last = waiting?.status ?? 0;
    t.deepEqual(
      statuses,
      [
        ...dmtsCommands(example)
          .slice(1)
          .map(() => 0),
        last,
      ],
      output,
    );
    if (last === 0) t.is(status, 0, output);
  });
}

test('nothing is left', assertNothingLeft);
