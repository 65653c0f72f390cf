import { spawnSync } from 'node:child_process';
import test from 'ava';
import { mutatedNode } from '../../support/crash/mutate.ts';
import { MUTATIONS, type Mutation } from '../../support/crash/mutations.ts';

/** Print the functions of a mutated module as text. */
function mutatedText(name: string, file = 'storage/index.js') {
  const url = new URL(`../../../src/${file}`, import.meta.url).href;
  const program = `
    const exported = Object.values(await import(${JSON.stringify(url)}));
    console.log(exported.map(String).join());`;
  return spawnSync(process.execPath, [...mutatedNode(), '--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: { ...process.env, DMTS_MUTATION: name },
  });
}

for (const [name, { file, text, replacement }] of Object.entries<Mutation>(MUTATIONS)) {
  test(`the mutation ${name} replaces its text in the loaded module`, (t) => {
    const { stdout, stderr } = mutatedText(name, file);
    t.is(stderr, '');
    t.true(stdout.includes(replacement), stdout);
    t.false(stdout.includes(text));
  });
}

test('an unknown mutation ends the program', (t) => {
  const { status, stderr } = mutatedText('none');
  t.not(status, 0);
  t.regex(stderr, /invalid DMTS_MUTATION: expected one of no-resume, .* got none/);
});
