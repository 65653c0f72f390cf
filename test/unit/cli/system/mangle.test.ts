// dmts mangle, and the forms of a name in dmts info.

import test, { type ExecutionContext } from 'ava';
import { DeviceMapper } from '../../../../src/index.ts';
import { type ModelKernel, modelKernel } from '../../../../src/testing/index.ts';
import { runOn } from '../../../support/cli/in-process.ts';

const MODE = 'DM_DEFAULT_NAME_MANGLING_MODE';

/** A kernel with devices of these names, unmangled. */
async function kernelWith(...names: readonly string[]): Promise<ModelKernel> {
  const kernel = modelKernel();
  await using dm = await DeviceMapper.open({ transport: kernel, mangling: 'none' });
  for (const name of names) await dm.create(name);
  return kernel;
}

async function kernelNames(kernel: ModelKernel): Promise<readonly string[]> {
  await using dm = await DeviceMapper.open({ transport: kernel, mangling: 'none' });
  return (await dm.list()).map(({ name }) => name).sort();
}

test('without a name every device is mangled, and mangled devices remain unchanged', async (t) => {
  const kernel = await kernelWith('a b', 'c\\x20d', 'plain', 'ü');
  const { status, stdout, stderr } = await runOn(kernel, {}, 'mangle');
  const said = 'a b: renamed to a\\x20b\nü: renamed to \\xc3\\xbc\n';
  t.deepEqual([status, stdout, stderr], [0, said, '']);
  t.deepEqual(await kernelNames(kernel), ['\\xc3\\xbc', 'a\\x20b', 'c\\x20d', 'plain']);
  // A second run has nothing to do, and attempts no rename.
  const fault = kernel.fail('DM_DEV_RENAME', 'EIO');
  t.is((await runOn(kernel, {}, 'mangle')).status, 0);
  t.is(fault.met, 0);
});

test('with "none" names become unmangled', async (t) => {
  const kernel = await kernelWith('a\\x20b', 'c d');
  const { status, stdout } = await runOn(kernel, {}, 'mangle', '--manglename', 'none');
  t.deepEqual([status, stdout], [0, 'a\\x20b: renamed to a b\n']);
  t.deepEqual(await kernelNames(kernel), ['a b', 'c d']);
});

test('a device that no call finds by its displayed name', async (t) => {
  const kernel = await kernelWith('a b', 'c d');
  t.is((await runOn(kernel, {}, 'info', 'a b')).status, 3);
  const { status, stdout } = await runOn(kernel, {}, 'mangle', 'a b', '--json');
  t.is(status, 0);
  t.like(JSON.parse(stdout)[0], { name: 'a b', mangledName: 'a\\x20b' });
  t.deepEqual(await kernelNames(kernel), ['a\\x20b', 'c d']);
  t.is((await runOn(kernel, {}, 'info', 'a b')).status, 0);
});

const refused: readonly (readonly [title: string, name: string, status: number, told: RegExp])[] = [
  ['half mangled', 'a b\\x20c', 1, /^dmts: name: expected either mangled or unmangled/],
  ['mangled twice', 'a\\x5cx20b', 1, /^dmts: name: expected a name that is mangled at most once/],
  ['taken', 'a b', 4, /^dmts: .*EBUSY/],
];

async function refuses(
  t: ExecutionContext,
  [, name, status, told]: (typeof refused)[number],
): Promise<void> {
  const kernel = await kernelWith(name, 'a\\x20b');
  const before = await kernelNames(kernel);
  const outcome = await runOn(kernel, {}, 'mangle', name);
  t.is(outcome.status, status);
  t.regex(outcome.stderr, told);
  t.deepEqual(await kernelNames(kernel), before);
}

for (const row of refused) test(`a name that is ${row[0]}`, (t) => refuses(t, row));

test('a name that no device is displayed with', async (t) => {
  const { status, stderr } = await runOn(await kernelWith('a b'), {}, 'mangle', 'b');
  t.deepEqual([status, stderr], [3, 'dmts: no device named "b"; "dmts ls" lists the names\n']);
});

test('a failed rename is reported, and the others are renamed', async (t) => {
  const kernel = await kernelWith('a b', 'a b\\x20c', 'z z');
  const { status, stdout, stderr } = await runOn(kernel, {}, 'mangle');
  t.is(status, 1);
  t.is(stdout, 'a b: renamed to a\\x20b\nz z: renamed to z\\x20z\n');
  t.regex(stderr, /^dmts: name: expected either mangled or unmangled .*, got "a b\\\\x20c"\n$/);
  const again = await runOn(kernel, {}, 'mangle', '--json');
  t.is(again.status, 1);
  t.deepEqual(
    JSON.parse(again.stdout).map(({ mangledName }: { mangledName: string }) => mangledName),
    ['a b\\x20c', 'a\\x20b', 'z\\x20z'],
  );
});

test('a name is that of "dmts ls" in any mode, and may be given twice', async (t) => {
  const kernel = await kernelWith('a\\x20b', 'c');
  const { status, stdout } = await runOn(
    kernel,
    {},
    'mangle',
    '--manglename',
    'none',
    'a b',
    'a b',
  );
  t.deepEqual([status, stdout], [0, 'a\\x20b: renamed to a b\n']);
});

test('of two devices with the same displayed name, both are checked', async (t) => {
  const kernel = await kernelWith('\\x7ba', '{a');
  const { status, stderr } = await runOn(kernel, {}, 'mangle', '{a');
  t.is(status, 4);
  t.regex(stderr, /EBUSY/);
});

test('a device with a uuid in another form keeps its name too, as with dmsetup', async (t) => {
  const kernel = modelKernel();
  await using dm = await DeviceMapper.open({ transport: kernel, mangling: 'none' });
  await dm.create('a b', { uuid: 'U V' });
  await dm.create('c d', { uuid: 'U\\x20W' });
  const { status, stdout, stderr } = await runOn(kernel, {}, 'mangle');
  t.is(status, 1);
  t.regex(
    stderr,
    /^dmts: uuid of a b: expected a mangled uuid, because a uuid cannot be changed.*got "U V"\n$/,
  );
  t.is(stdout, 'c d: renamed to c\\x20d\n');
});

// The forms in columns are libdevmapper's, with the kernel's name where it would give none.
const columns: readonly (readonly [kernel: string, mode: string, text: string])[] = [
  ['a b', 'none', 'a b|a\\x20b|a b'],
  ['a\\x20b', 'none', 'a\\x20b|a\\x20b|a b'],
  ['a b\\x20c', 'none', 'a b\\x20c|a b\\x20c|a b c'],
  ['a b', 'auto', 'a b|a b|a b'],
  ['a\\x20b', 'auto', 'a b|a\\x20b|a b'],
  ['a\\x5cx20b', 'hex', 'a\\x20b|a\\x5cx20b|a\\x20b'],
];

for (const [name, mode, text] of columns) {
  test(`the forms of ${name} in ${mode}`, async (t) => {
    const fields = 'name,mangled_name,unmangled_name';
    const argv = ['info', '-c', '-o', fields, '--noheadings', '--separator', '|'];
    const { stdout } = await runOn(await kernelWith(name), { env: { [MODE]: mode } }, ...argv);
    t.is(stdout, `${text}\n`);
  });
}
