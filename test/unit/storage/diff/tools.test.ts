// Tars of common tools in every format that they write: they unpack to the same tree as with GNU tar.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  createReadStream,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { setXattr } from '../../../../src/ioctl/file/xattr.ts';
import { applyDiff } from '../../../../src/storage/diff/apply-diff.ts';
import { runs } from '../../../support/arbitraries/runs.ts';
import { steps, take } from '../../../support/storage/diff/random-tree.ts';
import { put, type Told, tellTree } from '../../../support/storage/diff/tree.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const MiB = 1024 * 1024;
const NS = 1_000_000_000n;
/** Seconds since 1970. */
const LONG_AGO = 1_100_000_000;

/** A file with data at these offsets, four bytes each, and holes between. */
function putSparse(path: string, size: number, places: readonly number[]): void {
  const fd = openSync(path, 'w');
  for (const place of places) writeSync(fd, 'data', place);
  ftruncateSync(fd, size);
  closeSync(fd);
}

/** Everything that a tar can store. Formats that cannot store a file omit it. */
async function makeTree(root: string): Promise<void> {
  put(root, 'file', 'content');
  put(root, 'empty', '');
  put(root, 'one-block', Buffer.alloc(512, 'x'));
  put(root, 'zeros', Buffer.alloc(10_000));
  put(root, 'dir/sub/deep', 'deep');
  put(root, `${'long-directory/'.repeat(6)}in-a-prefix`, 'prefix');
  put(root, `${'n'.repeat(120)}`, 'a name of 120 bytes');
  put(root, `${`${'d'.repeat(90)}/`.repeat(3)}in-a-long-path`, 'a path of 280 bytes');
  put(root, 'name of ünïcode ☺', 'unicode');
  writeFileSync(Buffer.concat([Buffer.from(`${root}/latin-`), Buffer.of(0xe9)]), 'bytes');
  put(root, 'new\nline', 'newline');
  put(root, 'blank and "quote" \\ back', 'quote');
  put(root, '.hidden', 'hidden');
  put(root, '-dash', 'dash');
  putSparse(join(root, 'sparse-none'), MiB, []);
  putSparse(join(root, 'sparse-front'), MiB, [MiB - 4]);
  putSparse(join(root, 'sparse-behind'), MiB, [0]);
  putSparse(
    join(root, 'sparse-many'),
    8 * MiB,
    Array.from({ length: 60 }, (_, i) => i * 131_072),
  );
  putSparse(join(root, `sparse-${'s'.repeat(110)}`), MiB, [65_536]);
  linkSync(join(root, 'file'), join(root, 'hard-link'));
  linkSync(join(root, 'sparse-many'), join(root, 'sparse-link'));
  symlinkSync('file', join(root, 'symlink'));
  symlinkSync('/absolute/../up', join(root, 'dangling'));
  symlinkSync('t'.repeat(150), join(root, 'symlink-long'));
  linkSync(join(root, 'symlink'), join(root, 'symlink-twice'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  execFileSync('mknod', [join(root, 'null'), 'c', '1', '3']);
  execFileSync('mknod', [join(root, 'disk'), 'b', '253', '300']);
  mkdirSync(join(root, 'empty-directory'));
  chmodSync(join(root, 'file'), 0o4755);
  chmodSync(join(root, 'empty-directory'), 0o1777);
  chownSync(join(root, 'empty'), 1000, 2_000_000);
  chmodSync(join(root, 'dir'), 0o2700);
  utimesSync(join(root, 'empty'), 1, 1);
  utimesSync(join(root, 'one-block'), 1, 1_234_567_890.25);
  lutimesSync(join(root, 'symlink'), 1, 1_000_000_000);
  // Long ago, so that no file has such a time by chance.
  const directories = execFileSync('find', [root, '-type', 'd', '-print0']).toString('latin1');
  for (const [index, path] of directories.split('\0').slice(0, -1).entries()) {
    utimesSync(Buffer.from(path, 'latin1'), 1, LONG_AGO + index + 0.5);
  }
  await setXattr(Buffer.from(`${root}/file`), 'user.text', Buffer.from('value=\n\0\xff', 'latin1'));
  await setXattr(Buffer.from(`${root}/dir`), 'user.empty', Buffer.alloc(0));
}

/** Writes a tar of the working directory's content to `tar`. */
type Tool = readonly [command: string, ...args: string[]];

const PYTHON = `
import os, sys, tarfile
with tarfile.open(sys.argv[1], 'w', format=getattr(tarfile, sys.argv[2])) as tar:
    for top, directories, files in os.walk('.'):
        for name in ['.'] * (top == '.') + sorted(directories) + sorted(files):
            try:
                tar.add(os.path.join(top, name), recursive=False)
            except (ValueError, UnicodeError):
                pass  # what the format cannot hold
`;

const gnu = (...options: string[]): Tool => [
  'tar',
  '--numeric-owner',
  ...options,
  '-cf',
  '@TAR',
  '.',
];
const bsd = (format: string): Tool => ['bsdtar', '--format', format, '-cf', '@TAR', '.'];

const TOOLS: Readonly<Record<string, Tool>> = {
  ...Object.fromEntries(
    ['v7', 'oldgnu', 'gnu', 'ustar', 'posix'].map((format) => [
      `GNU tar ${format}`,
      gnu('--format', format),
    ]),
  ),
  // GNU tar rejects it for v7 and ustar.
  ...Object.fromEntries(
    ['oldgnu', 'gnu', 'posix'].flatMap((format) =>
      ['0.0', '0.1', '1.0'].map((version): [string, Tool] => [
        `GNU tar ${format} --sparse-version=${version}`,
        gnu('--format', format, '--sparse', '--sparse-version', version),
      ]),
    ),
  ),
  'GNU tar posix --xattrs': gnu('--format=posix', '--xattrs', '--xattrs-include=*'),
  'GNU tar gnu --label': gnu('--format=gnu', '--label=name'),
  'GNU tar posix --label': gnu('--format=posix', '--label=name'),
  'GNU tar --listed-incremental': gnu('--listed-incremental=@TAR.list'),
  'GNU tar --absolute-names': ['sh', '-c', 'tar -cPf @TAR "$PWD"/* "$PWD"/.hidden'],
  'GNU tar --blocking-factor=1': gnu('--blocking-factor=1'),
  'bsdtar by default': ['bsdtar', '-cf', '@TAR', '.'],
  'bsdtar ustar': bsd('ustar'),
  'bsdtar pax': bsd('pax'),
  'bsdtar gnutar': bsd('gnutar'),
  'bsdtar v7': bsd('v7'),
  'Python USTAR': ['python3', '-c', PYTHON, '@TAR', 'USTAR_FORMAT'],
  'Python GNU': ['python3', '-c', PYTHON, '@TAR', 'GNU_FORMAT'],
  'Python PAX': ['python3', '-c', PYTHON, '@TAR', 'PAX_FORMAT'],
  'busybox tar': ['busybox', 'tar', '-cf', '@TAR', '.'],
};

/** The files that every tool stores in every format. */
const ALWAYS = ['/file', '/dir/sub/deep', '/symlink', '/sparse-many', '/hard-link', '/zeros'];

function unpackWithGnu(tar: string, target: string): void {
  mkdirSync(target);
  const all = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--same-permissions'];
  execFileSync('tar', ['-xf', tar, '-C', target, ...all, '--warning=no-timestamp'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Pack a tree with a tool, in an English locale that accepts every byte. */
function packWith(t: ExecutionContext, [command, ...args]: Tool, tree: string, tar: string): void {
  const words = args.map((word) => word.replace('@TAR', tar));
  const { error, stderr } = spawnSync(command, words, {
    cwd: tree,
    env: { ...process.env, LC_ALL: 'C.UTF-8', PYTHONUTF8: '1' },
    encoding: 'latin1',
  });
  t.is(error, undefined);
  // The tools report and skip what a format cannot store.
  if (stderr) t.log(stderr.slice(0, 300));
}

function withoutDirectoryTimes(tree: Map<string, Told>): Map<string, Told> {
  return new Map(
    [...tree].map(([path, told]) => {
      const isDirectory = String(told['mode']).startsWith('4');
      return [path, isDirectory ? { ...told, mtime: undefined } : told];
    }),
  );
}

// Serial, because the tools read the same tree, and some of them use much memory or time.
for (const [title, tool] of Object.entries(TOOLS)) {
  test.serial(`a tar of ${title} is unpacked as GNU tar unpacks it`, async (t) => {
    const top = tempDir(t);
    const at = (name: string): string => join(top, name);
    mkdirSync(at('tree'));
    await makeTree(at('tree'));
    packWith(t, tool, at('tree'), at('tar'));
    unpackWithGnu(at('tar'), at('gnu'));
    mkdirSync(at('ours'));
    const { leftOut } = await applyDiff(at('ours'), createReadStream(at('tar')));
    t.deepEqual(leftOut, []);
    const [ours, theirs] = ['ours', 'gnu'].map((name) => tellTree(at(name))) as [
      Map<string, Told>,
      Map<string, Told>,
    ];
    const inTar = title.includes('absolute') ? at('tree') : '';
    for (const path of ALWAYS) t.true(ours.has(inTar + path), path);
    for (const [path, told] of tellTree(at('tree'))) {
      const [here, there] = [ours, theirs].map((tree) => tree.get(inTar + path));
      if (told['hash'] !== undefined || !here || !there) continue;
      // The tar with absolute names does not contain the top directory.
      if (inTar !== '' && path === '') continue;
      // GNU tar sets the time of a directory at the first entry outside of it; later entries change it again.
      const [time, wanted] = [here['mtime'], told['mtime']] as [bigint, bigint];
      if (wanted / NS < LONG_AGO + 1000) t.is(time / NS, wanted / NS, path);
    }
    t.deepEqual(withoutDirectoryTimes(ours), withoutDirectoryTimes(theirs));
  });
}

test.serial('random trees in tars of GNU tar are unpacked as GNU tar unpacks them', async (t) => {
  const format = fc.constantFrom('gnu', 'oldgnu', 'posix', 'ustar');
  await fc.assert(
    fc.asyncProperty(steps(12), format, fc.boolean(), async (all, name, sparse) => {
      const top = mkdtempSync(join(tmpdir(), 'dmts-test-'));
      const at = (inside: string): string => join(top, inside);
      try {
        for (const inside of ['tree', 'ours']) mkdirSync(at(inside));
        await take(at('tree'), all);
        const holes = sparse && name !== 'ustar' ? ['--sparse'] : [];
        const xattrs = name === 'posix' ? ['--xattrs', '--xattrs-include=*'] : [];
        packWith(t, gnu('--format', name, ...holes, ...xattrs), at('tree'), at('tar'));
        unpackWithGnu(at('tar'), at('gnu'));
        await applyDiff(at('ours'), createReadStream(at('tar')));
        const [ours, theirs] = ['ours', 'gnu'].map((one) =>
          withoutDirectoryTimes(tellTree(at(one))),
        );
        t.deepEqual(ours, theirs);
      } finally {
        rmSync(top, { recursive: true, force: true });
      }
    }),
    runs(30),
  );
});
