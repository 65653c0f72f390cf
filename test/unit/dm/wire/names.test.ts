import test from 'ava';
import {
  displayName,
  displayUuid,
  kernelName,
  kernelUuid,
  type Mangling,
  mangle,
  nameForm,
  rightForm,
  unmangle,
} from '../../../../src/dm/wire/names.ts';
import { TEXT_LAWS } from '../../../support/arbitraries/codec-properties.ts';
import { proves } from '../../../support/arbitraries/runs.ts';

const MODES: readonly Mangling[] = ['none', 'auto', 'hex'];
const MIX = 'name: expected either mangled or unmangled characters, not both, got ';
const MULTI = 'name: expected a name that is mangled at most once, got ';

// Names to create, from lvm2's test script of name mangling. A rejected name has its message.
const CREATING: readonly (readonly [given: string, none: string, auto: string, hex: string])[] = [
  ['a b', 'a b', 'a\\x20b', 'a\\x20b'],
  ['a\\x20b', 'a\\x20b', 'a\\x20b', 'a\\x5cx20b'],
  ['a b\\x20c', 'a b\\x20c', MIX, 'a\\x20b\\x5cx20c'],
  ['a\\x5cx20b', 'a\\x5cx20b', MULTI, 'a\\x5cx5cx20b'],
  // Additional rows.
  ['plain', 'plain', 'plain', 'plain'],
  ['#+-.:=@_', '#+-.:=@_', '#+-.:=@_', '#+-.:=@_'],
  ['é', '\xc3\xa9', '\\xc3\\xa9', '\\xc3\\xa9'],
  ['a\\b', 'a\\b', 'a\\x5cb', 'a\\x5cb'],
  ['a\\x2', 'a\\x2', MULTI, 'a\\x5cx2'],
  ['a\\X20b', 'a\\X20b', 'a\\x5cX20b', 'a\\x5cX20b'],
  ['a\\x2Fb', 'a\\x2Fb', 'a\\x2Fb', 'a\\x5cx2Fb'],
  ['a\\x20b c', 'a\\x20b c', MIX, 'a\\x5cx20b\\x20c'],
  ['a\\x5CX', 'a\\x5CX', 'a\\x5CX', 'a\\x5cx5CX'],
  ['a\\x5Cx', 'a\\x5Cx', MULTI, 'a\\x5cx5Cx'],
  ["it's", "it's", 'it\\x27s', 'it\\x27s'],
];

for (const [given, ...expected] of CREATING) {
  for (const [i, mode] of MODES.entries()) {
    const result = expected[i]!;
    test(`mangle(${JSON.stringify(given)}) in mode ${mode}`, (t) => {
      if (result === MIX || result === MULTI) {
        const message = result + JSON.stringify(given);
        t.throws(() => mangle(given, mode), { code: 'ERR_DMTS_INPUT', message });
        t.throws(() => kernelName(given, mode), { code: 'ERR_DMTS_INPUT', message });
      } else {
        t.is(mangle(given, mode), result);
        t.is(kernelName(given, mode), result);
      }
    });
  }
}

const BLACK = 'name: expected a mangled name, got ';

type Forms = readonly [name: string, mangled: string, unmangled: string];

const thrice = (refusal: string): Forms => [refusal, refusal, refusal];

// Names to read, from the same script: the results of libdm's functions.
const FORMS: readonly (readonly [kernel: string, none: Forms, auto: Forms, hex: Forms])[] = [
  ['a b', ['a b', 'a\\x20b', 'a b'], thrice(BLACK), thrice(BLACK)],
  ['a\\x20b', ['a\\x20b', 'a\\x20b', 'a b'], ['a b', 'a\\x20b', 'a b'], ['a b', 'a\\x20b', 'a b']],
  ['a b\\x20c', ['a b\\x20c', MIX, 'a b c'], thrice(BLACK), thrice(BLACK)],
  [
    'a\\x5cx20b',
    ['a\\x5cx20b', 'a\\x5cx20b', 'a\\x20b'],
    thrice(MULTI),
    ['a\\x20b', 'a\\x5cx20b', 'a\\x20b'],
  ],
];

for (const [kernel, ...byMode] of FORMS) {
  for (const [i, mode] of MODES.entries()) {
    for (const [j, form] of (['name', 'mangled', 'unmangled'] as const).entries()) {
      const result = byMode[i]![j]!;
      test(`nameForm(${JSON.stringify(kernel)}, ${form}) in mode ${mode}`, (t) => {
        if ([MIX, MULTI, BLACK].includes(result)) {
          const message = result + JSON.stringify(kernel);
          t.throws(() => nameForm(kernel, form, mode), { code: 'ERR_DMTS_INPUT', message });
        } else t.is(nameForm(kernel, form, mode), result);
      });
    }
  }
}

test('nameForm rejects a form with control characters', (t) => {
  t.is(nameForm('a\\x1bb', 'mangled', 'auto'), 'a\\x1bb');
  t.throws(() => nameForm('a\\x1bb', 'unmangled', 'auto'), { message: /without control/ });
});

// Names to correct, from the same script.
const RIGHT: readonly (readonly [kernel: string, none: string, auto: string, hex: string])[] = [
  ['a b', 'a b', 'a\\x20b', 'a\\x20b'],
  ['a\\x20b', 'a b', 'a\\x20b', 'a\\x20b'],
  ['a b\\x20c', 'a b c', MIX, MIX],
  ['a\\x5cx20b', 'a\\x20b', MULTI, 'a\\x5cx20b'],
  // Additional rows.
  ['plain', 'plain', 'plain', 'plain'],
  ['\xc3\xa9', '\xc3\xa9', '\\xc3\\xa9', '\\xc3\\xa9'],
];

for (const [kernel, ...expected] of RIGHT) {
  for (const [i, mode] of MODES.entries()) {
    const result = expected[i]!;
    test(`rightForm(${JSON.stringify(kernel)}) in mode ${mode}`, (t) => {
      if (result === MIX || result === MULTI) {
        const message = result + JSON.stringify(kernel);
        t.throws(() => rightForm(kernel, mode), { code: 'ERR_DMTS_INPUT', message });
      } else {
        t.is(rightForm(kernel, mode), result);
      }
    });
  }
}

// Names with invalid UTF-8.
for (const [kernel, none, auto] of [
  ['a b\xff', 'a b\xff', 'a\\x20b\\xff'],
  ['a\xff', 'a\xff', 'a\\xff'],
  ['a\\xff', 'a\\xff', 'a\\xff'],
] as const) {
  test(`rightForm(${JSON.stringify(kernel)})`, (t) => {
    t.deepEqual(
      MODES.map((mode) => rightForm(kernel, mode)),
      [none, auto, auto],
    );
  });
}

// Names to display. If libdm fails for a name (not mangled, or mangled twice), displayName returns the kernel's name.
// In mode `none` libdm also returns the kernel's name.
const READING: readonly (readonly [
  kernel: string,
  none: string,
  auto: string,
  hex: string,
  unmangled: string,
])[] = [
  ['a b', 'a b', 'a b', 'a b', 'a b'],
  ['a\\x20b', 'a\\x20b', 'a b', 'a b', 'a b'],
  ['a b\\x20c', 'a b\\x20c', 'a b\\x20c', 'a b\\x20c', 'a b c'],
  ['a\\x5cx20b', 'a\\x5cx20b', 'a\\x5cx20b', 'a\\x20b', 'a\\x20b'],
  // Additional rows.
  ['plain', 'plain', 'plain', 'plain', 'plain'],
  ['\\xc3\\xa9', '\\xc3\\xa9', 'é', 'é', 'é'],
  ['\xc3\xa9', 'é', 'é', 'é', 'é'],
  ['\\xff', '\\xff', '\\xff', '\\xff', '\\xff'],
  ['a\\x2Fb', 'a\\x2Fb', 'a\\x2Fb', 'a\\x2Fb', 'a/b'],
  // Unmangled they would be "a/b", which every call rejects, and control sequences of a terminal.
  ['a\\x2fb', 'a\\x2fb', 'a\\x2fb', 'a\\x2fb', 'a/b'],
  ['a\\x1b[2Jb', 'a\\x1b[2Jb', 'a\\x1b[2Jb', 'a\\x1b[2Jb', 'a\x1b[2Jb'],
  ['a\\x00b', 'a\\x00b', 'a\\x00b', 'a\\x00b', 'a\0b'],
];

for (const [kernel, none, auto, hex, unmangled] of READING) {
  const shown = { none, auto, hex };
  test(`unmangle(${JSON.stringify(kernel)})`, (t) => t.is(unmangle(kernel), unmangled));
  for (const mode of MODES) {
    test(`displayName(${JSON.stringify(kernel)}) in mode ${mode}`, (t) => {
      t.is(displayName(kernel, mode), shown[mode]);
    });
  }
}

test('a uuid may contain a slash, and displayUuid shows it', (t) => {
  t.is(kernelUuid('LVM/x', 'auto'), 'LVM\\x2fx');
  t.is(displayUuid('LVM\\x2fx', 'auto'), 'LVM/x');
});

const refusal = (what: string, shown: string): string => `expected ${what}, got ${shown}`;
const json = (text: string): string => JSON.stringify(text);
const long = (text: string): string => `${JSON.stringify(text).slice(0, 80)}…`;
const CONTROLS = 'a string without control characters';
const RESERVED = 'a name other than ".", ".." and "control"';

// The same results in every mode.
const REFUSED_NAMES: readonly (readonly [title: string, name: unknown, message: string])[] = [
  ['empty', '', refusal('a non-empty string', '""')],
  ['a number', 5, refusal('a non-empty string', '5')],
  ['undefined', undefined, refusal('a non-empty string', 'undefined')],
  ['null', null, refusal('a non-empty string', 'null')],
  ['a slash', 'a/b', refusal('a name without "/"', '"a/b"')],
  ['a path', '/dev/mapper/a', refusal('a name without "/"', '"/dev/mapper/a"')],
  ['NUL', 'a\0b', refusal(CONTROLS, '"a\\u0000b"')],
  ['a line break', 'a\nb', refusal(CONTROLS, '"a\\nb"')],
  ['a tab', 'a\tb', refusal(CONTROLS, '"a\\tb"')],
  ['DEL', 'a\x7fb', refusal(CONTROLS, json('a\x7fb'))],
  ['ESC', 'a\x1bb', refusal(CONTROLS, '"a\\u001bb"')],
  ['the directory itself', '.', refusal(RESERVED, '"."')],
  ['the parent directory', '..', refusal(RESERVED, '".."')],
  ['the control node', 'control', refusal(RESERVED, '"control"')],
  ['a lone high surrogate', 'a\ud800', refusal('well-formed Unicode', '"a\\ud800"')],
  ['a lone low surrogate', '\udc00a', refusal('well-formed Unicode', '"\\udc00a"')],
  [
    '128 bytes',
    'n'.repeat(128),
    refusal('at most 127 bytes (this has 128)', long('n'.repeat(128))),
  ],
];

for (const mode of MODES) {
  for (const [title, name, message] of REFUSED_NAMES) {
    test(`a name is rejected in mode ${mode}: ${title}`, (t) => {
      t.throws(() => kernelName(name as string, mode), {
        code: 'ERR_DMTS_INPUT',
        message: `name: ${message}`,
      });
    });
  }
  test(`a name of 127 bytes is accepted in mode ${mode}`, (t) => {
    t.is(kernelName('n'.repeat(127), mode), 'n'.repeat(127));
  });
  test(`a uuid of 128 bytes is accepted in mode ${mode}, and one of 129 bytes is rejected`, (t) => {
    t.is(kernelUuid('u'.repeat(128), mode), 'u'.repeat(128));
    t.throws(() => kernelUuid('u'.repeat(129), mode), {
      message: `uuid: ${refusal('at most 128 bytes (this has 129)', long('u'.repeat(129)))}`,
    });
  });
  for (const uuid of ['', 'a\0b', 'a\nb', '\ud800']) {
    test(`a uuid is rejected in mode ${mode}: ${JSON.stringify(uuid)}`, (t) => {
      t.throws(() => kernelUuid(uuid, mode), { code: 'ERR_DMTS_INPUT', message: /^uuid: / });
    });
  }
}

// The length counts bytes, after mangling.
const LENGTHS: readonly (readonly [name: string, mode: Mangling, length: number | string])[] = [
  [' '.repeat(31), 'auto', 124],
  [' '.repeat(32), 'auto', 'at most 127 bytes after mangling (this has 128)'],
  [' '.repeat(127), 'none', 127],
  ['é'.repeat(63), 'none', 126],
  ['é'.repeat(64), 'none', 'at most 127 bytes (this has 128)'],
  ['é'.repeat(15), 'hex', 120],
  ['é'.repeat(16), 'hex', 'at most 127 bytes after mangling (this has 128)'],
];

for (const [name, mode, length] of LENGTHS) {
  test(`a name of ${name.length} times ${JSON.stringify(name[0])} in mode ${mode}`, (t) => {
    if (typeof length === 'number') t.is(kernelName(name, mode).length, length);
    else
      t.throws(() => kernelName(name, mode), {
        message: new RegExp(length.replace(/[()]/g, '\\$&')),
      });
  });
}

test('the error has the field of the caller', (t) => {
  t.throws(() => kernelName('', 'auto', 'newName'), { message: /^newName: / });
  t.throws(() => kernelName('a b\\x20', 'auto', 'newName'), { message: /^newName: / });
  t.throws(() => kernelName('n'.repeat(200), 'auto', 'newName'), { message: /^newName: / });
});

for (const law of TEXT_LAWS.filter(({ name }) => /^a (name|uuid)/.test(name))) {
  test(law.name, (t) => proves(t, law, 500));
}
