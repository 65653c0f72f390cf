import test from 'ava';
import { splitMountOptions } from '../../../../src/storage/config/mount-options.ts';

const rows: readonly (readonly [
  options: readonly string[],
  flags: readonly string[],
  data: string,
])[] = [
  [[], [], ''],
  [['defaults'], [], ''],
  [['ro'], ['ro'], ''],
  [['nodev,nosuid,noexec'], ['nodev', 'nosuid', 'noexec'], ''],
  [['noatime', 'discard'], ['noatime'], 'discard'],
  [['nouuid', 'logbsize=256k,ro,inode64'], ['ro'], 'nouuid,logbsize=256k,inode64'],
  // The last word wins.
  [['ro,rw'], [], ''],
  [['rw', 'ro'], ['ro'], ''],
  [['nodev,dev,nodev'], ['nodev'], ''],
  [['relatime,norelatime,strictatime'], ['strictatime'], ''],
  [['sync,dirsync,mand,nodiratime'], ['sync', 'dirsync', 'mand', 'nodiratime'], ''],
  [['sync,async,atime,suid,exec,nomand,diratime,nostrictatime'], [], ''],
  [['', ',,ro,,'], ['ro'], ''],
  // A word goes to the filesystem unless it is exactly a mount flag.
  [['RO', 'ro=1', 'constructor', 'toString'], [], 'RO,ro=1,constructor,toString'],
  [['data=ordered', 'data=journal'], [], 'data=ordered,data=journal'],
];

for (const [options, flags, data] of rows) {
  test(`"${options.join('" "')}"`, (t) => {
    t.deepEqual(splitMountOptions(options), { flags: flags as never, data });
  });
}
