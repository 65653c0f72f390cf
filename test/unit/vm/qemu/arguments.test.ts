import test from 'ava';
import { accelerator, type QemuOptions, qemuArguments } from '../../../../vm/qemu/arguments.ts';
import { insmodFiles } from '../../../../vm/qemu/initrd.ts';

const machine: QemuOptions = {
  image: '/k/vmlinuz',
  initrd: '/k/initrd',
  modules: '/k/modules',
  job: '/k/job',
  memory: 512,
  cpus: 3,
  disks: [],
  accelerator: 'tcg-multi',
  verbose: false,
};

/** The value after each occurrence of an option. */
function valuesOf(option: string, args: readonly string[]): string[] {
  return args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ''] : []));
}

test('the machine has the requested properties', (t) => {
  const args = qemuArguments(machine);
  for (const [option, value] of [
    ['-kernel', '/k/vmlinuz'],
    ['-initrd', '/k/initrd'],
    ['-m', '512M'],
    ['-smp', '3'],
    ['-nic', 'none'],
    ['-accel', 'tcg,thread=multi'],
  ] as const)
    t.deepEqual(valuesOf(option, args), [value], option);
  t.true(args.includes('-no-reboot'));
});

test('every share is read-only', (t) => {
  const shares = valuesOf('-virtfs', qemuArguments(machine));
  t.is(shares.length, 3);
  for (const share of shares) t.regex(share, /,readonly=on(,|$)/);
  t.regex(shares[0]!, /^local,path=\/,mount_tag=root,/);
});

test('the kernel is quiet unless its console is shown', (t) => {
  t.regex(valuesOf('-append', qemuArguments(machine))[0]!, / quiet$/);
  const verbose = qemuArguments({ ...machine, verbose: true });
  t.notRegex(valuesOf('-append', verbose)[0]!, /quiet/);
});

test('disks keep their order; a comma in a path does not end the path', (t) => {
  const args = qemuArguments({ ...machine, disks: ['/a,b/disk0', '/c/disk1'] });
  const drives = valuesOf('-drive', args);
  t.is(drives.length, 2);
  t.regex(drives[0]!, /^file=\/a,,b\/disk0,format=raw,if=virtio/);
  t.regex(drives[1]!, /^file=\/c\/disk1,/);
});

test('emulation by default, in one thread for Linux 7, KVM on demand', (t) => {
  t.is(accelerator('6.1.0-50-amd64', false), 'tcg-multi');
  t.is(accelerator('6.12.117+deb13-amd64', false), 'tcg-multi');
  t.is(accelerator('7.2.13+deb14-amd64', false), 'tcg-single');
  t.is(accelerator('10.0.0-amd64', false), 'tcg-single');
  t.is(accelerator('7.2.13+deb14-amd64', true), 'kvm');
});

test('modules are loaded once, in order; built-in ones are not', (t) => {
  const text = [
    'insmod /m/virtio.ko.xz ',
    'insmod /m/virtio_ring.ko.xz ',
    'builtin overlay',
    'insmod /m/virtio.ko.xz ',
    'insmod /m/9p.ko.xz option=1',
  ].join('\n');
  t.deepEqual(insmodFiles(text), ['/m/virtio.ko.xz', '/m/virtio_ring.ko.xz', '/m/9p.ko.xz']);
});
