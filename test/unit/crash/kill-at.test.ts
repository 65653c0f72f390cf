import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runCounted } from '../../support/crash/kill-at.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** A shell that locks a directory and creates two directories in it; a program of its own creates each. */
const program = (directory: string): readonly string[] => [
  'sh',
  '-c',
  'cd "$0"; mkdir zero; flock . true; echo locked; mkdir one; mkdir two; echo created',
  directory,
];

const numberOf = (directory: string, text: string): string => {
  const { calls } = runCounted(program(directory), ['list']);
  return String(calls.find((call) => call.text === text)!.number);
};

test('a list has the calls after the lock, over all processes, and the lines that the program printed', (t) => {
  const { calls, printed, end } = runCounted(program(tempDir(t)), ['list']);
  const changes = calls.filter(({ name }) => name === 'mkdir');
  t.deepEqual(
    changes.map(({ text, after }) => [text, after]),
    [
      ['mkdir one', 'locked'],
      ['mkdir two', 'locked'],
    ],
  );
  t.deepEqual(
    calls.map(({ number }) => number),
    calls.map((_, index) => index + 1),
  );
  t.deepEqual(printed, ['locked', 'created']);
  t.is(end, 'exited 0');
});

for (const [side, isExecuted] of [
  ['entry', false],
  ['exit', true],
] as const) {
  test(`a kill at the ${side} of a call: the call is ${isExecuted ? '' : 'not '}executed, and nothing after it`, (t) => {
    const number = numberOf(tempDir(t), 'mkdir one');
    const directory = tempDir(t);
    const { calls, printed, end } = runCounted(program(directory), [side, number]);
    t.deepEqual(
      calls.map(({ text }) => text),
      ['mkdir one'],
    );
    t.is(end, 'killed');
    t.deepEqual(printed, ['locked']);
    t.deepEqual(
      ['zero', 'one', 'two'].map((name) => existsSync(join(directory, name))),
      [true, isExecuted, false],
    );
  });
}

test('a run that does not reach the call ends by itself', (t) => {
  const { calls, end } = runCounted(program(tempDir(t)), ['entry', '1000']);
  t.deepEqual(calls, []);
  t.is(end, 'exited 0');
});

test('a program that fails is an error', (t) => {
  t.throws(() => runCounted(['sh', '-c', 'echo why >&2; exit 3'], ['list']), {
    message: /cannot run sh .*: it exited 3: why/,
  });
});
