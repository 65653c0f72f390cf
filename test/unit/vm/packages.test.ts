import test from 'ava';
import { checkMachine, missingMessage, missingPackages } from '../../../vm/packages.ts';

test('a package is missing unless dpkg-query shows it as installed', (t) => {
  const lines = [
    'cpio unknown ok not-installed',
    'kmod install ok installed',
    'udev deinstall ok config-files',
    'xfsprogs install ok half-configured',
    'strace hold ok installed',
    '',
  ].join('\n');
  const wanted = ['busybox-static', 'cpio', 'kmod', 'strace', 'udev', 'xfsprogs'];
  t.deepEqual(missingPackages(wanted, lines), ['busybox-static', 'cpio', 'udev', 'xfsprogs']);
  t.deepEqual(missingPackages(['kmod'], lines), []);
});

test('the message names every package, the reason and the command', (t) => {
  t.is(
    missingMessage(['cpio', 'kmod'], 'not root'),
    'cannot install cpio, kmod: not root. Install with:\n  sudo apt-get install --no-install-recommends cpio kmod',
  );
});

test('only Debian on amd64 is accepted', (t) => {
  t.notThrows(() => checkMachine({ ID: 'debian' }, 'x64'));
  t.throws(() => checkMachine({ ID: 'fedora', PRETTY_NAME: 'Fedora 40' }, 'x64'), {
    name: 'GuestError',
    message: /^invalid machine: expected Debian .*got Fedora 40/,
  });
  t.throws(() => checkMachine({}, 'x64'), { message: /got no \/etc\/os-release/ });
  t.throws(() => checkMachine({ ID: 'debian' }, 'arm64'), { message: /got arm64/ });
});
