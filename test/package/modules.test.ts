// The start of a program: how many files Node loads, and how large they are. Most of the time of a short-lived command goes into
// reading its own files.

import test from 'ava';
import { modulesOf, sizeOf } from '../../bench/modules.ts';
import { commandsIn, furnish, IMPORTS } from '../../bench/programs.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Bound {
  /** At most so many files, without those of other packages. */
  readonly files: number;
  /** At most so many kB in these files. */
  readonly size: number;
}

const BOUNDS: Readonly<Record<string, Bound>> = {
  "import 'dmts'": { files: 5, size: 160 },
  "import 'dmts/ioctl'": { files: 4, size: 100 },
  "import 'dmts/storage'": { files: 9, size: 600 },
  "import 'dmts/targets'": { files: 5, size: 140 },
  "import 'dmts/testing'": { files: 5, size: 210 },
  "import 'dmts/thin'": { files: 8, size: 350 },
  "import 'dmts/volumes'": { files: 9, size: 450 },
  'dmts version': { files: 2, size: 80 },
  'dmts --help': { files: 4, size: 260 },
  'dmts ls': { files: 10, size: 400 },
  'dmts storage ls': { files: 20, size: 760 },
};

/** The programs that load koffi: those that make a system call. */
const WITH_KOFFI: readonly string[] = ['dmts version', 'dmts ls', 'dmts storage ls'];

const REMEDY =
  'A program may now need an import at the top of a file that it did not need before: import it where it is used, or correct the groups in scripts/bundle.mjs.';

const isKoffi = (file: string): boolean => /(^|\/)node_modules\/(koffi|@koromix)\//.test(file);

test('every subpath and every measured command has a bound', (t) => {
  const names = Object.keys({ ...IMPORTS, ...commandsIn('/') });
  t.deepEqual(Object.keys(BOUNDS).sort(), names.sort());
});

for (const [name, { files, size }] of Object.entries(BOUNDS)) {
  test(`${name} loads at most ${files} files of ${size} kB`, (t) => {
    const directory = tempDir(t);
    const env = furnish(directory);
    const loaded = modulesOf({ ...IMPORTS, ...commandsIn(directory) }[name]!, env);
    const own = loaded.filter((file) => !file.startsWith('node_modules/'));
    const list = own.map((file) => `${file} ${sizeOf([file])} kB`).join('\n');
    t.log(`${own.length} files of ${sizeOf(own).toFixed(0)} kB`);
    t.true(own.length >= 1, 'no file was loaded');
    t.true(own.length <= files, `${name} loads ${own.length} files. ${REMEDY}\n${list}`);
    t.true(sizeOf(own) <= size, `${name} loads ${sizeOf(own)} kB. ${REMEDY}\n${list}`);
  });

  test(`${name} loads koffi only if it makes a system call`, (t) => {
    const directory = tempDir(t);
    const env = furnish(directory);
    const loaded = modulesOf({ ...IMPORTS, ...commandsIn(directory) }[name]!, env);
    t.is(loaded.some(isKoffi), WITH_KOFFI.includes(name), loaded.join('\n'));
  });
}
