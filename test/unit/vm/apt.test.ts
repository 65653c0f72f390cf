import test from 'ava';
import { dependencies, sourceLine } from '../../../vm/apt.ts';
import { versionedKernelPackages } from '../../../vm/qemu/kernel.ts';

/** A paragraph of `apt-get indextargets`. */
function target(fields: Readonly<Record<string, string>>): string {
  const all = { Identifier: 'Packages', Component: 'main', ...fields };
  return `MetaKey: x\n${Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')}`;
}

const main = {
  'Repo-URI': 'http://mirror.example/debian/',
  Release: 'trixie',
  Origin: 'Debian',
  Label: 'Debian',
};

test('the mirror is that of Debian, not of security updates, backports or others', (t) => {
  const text = [
    target({ ...main, 'Repo-URI': 'http://others.example/', Origin: 'Others' }),
    target({ ...main, 'Repo-URI': 'http://sec.example/', Label: 'Debian-Security' }),
    target({ ...main, 'Repo-URI': 'http://bpo.example/', Release: 'trixie-backports' }),
    target({ ...main, 'Repo-URI': 'http://contents.example/', Identifier: 'Contents-deb' }),
    target(main),
  ].join('\n');
  t.is(sourceLine('sid', text), 'deb [arch=amd64] http://mirror.example/debian/ sid main\n');
});

test('a machine that never fetched its lists shows no origin, and is accepted', (t) => {
  const text = target({ 'Repo-URI': 'http://mirror.example/debian/', Release: 'bookworm' });
  t.is(sourceLine('sid', text), 'deb [arch=amd64] http://mirror.example/debian/ sid main\n');
});

test('the keyring file of the source is kept', (t) => {
  const text = target({ ...main, 'Signed-By': '/usr/share/keyrings/a.gpg' });
  t.is(
    sourceLine('sid', text),
    'deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian/ sid main\n',
  );
});

test('packages for another processor', (t) => {
  t.is(
    sourceLine('sid', target(main), 'riscv64'),
    'deb [arch=riscv64] http://mirror.example/debian/ sid main\n',
  );
});

test('without a source there is no guess', (t) => {
  t.throws(() => sourceLine('sid', ''), {
    name: 'GuestError',
    message: /cannot find a Debian mirror/,
  });
});

test('dependencies are package names, without virtual alternatives', (t) => {
  const text = [
    'linux-image-7.2.3-amd64',
    '  Depends: linux-base-7.2.3-amd64',
    '  PreDepends: linux-modules-7.2.3-amd64',
    ' |Depends: linux-initramfs-tool',
    '  Depends: <virtual>',
    '  Recommends: firmware-linux-free',
    '  Conflicts: linux-image-6.0',
  ].join('\n');
  t.deepEqual(dependencies(text), [
    'linux-base-7.2.3-amd64',
    'linux-modules-7.2.3-amd64',
    'linux-initramfs-tool',
  ]);
});

test('only packages of one build belong to a kernel', (t) => {
  t.deepEqual(
    versionedKernelPackages([
      'kmod',
      'linux-base',
      'linux-image-6.1.0-50-amd64',
      'linux-7',
      'kmod',
    ]),
    ['linux-image-6.1.0-50-amd64'],
  );
});
