import { join } from 'node:path';
import type { Machine, PrepareOptions } from '../launch.ts';
import { ensurePackages } from '../packages.ts';
import type { Suite } from '../suites.ts';
import { accelerator, qemuArguments, qemuProgram } from './arguments.ts';
import { prepareInitrd } from './initrd.ts';
import { prepareKernel } from './kernel.ts';

/** Packages without which no emulated machine boots. */
const bootPackages = [
  'qemu-system-x86',
  'busybox-static',
  'cpio',
  'kmod',
  'util-linux',
  'xz-utils',
];

/** How an emulated machine is made. */
export interface QemuMachineOptions extends PrepareOptions {
  readonly cpus: number;
  /** Whether to use KVM and not emulation. */
  readonly kvm: boolean;
}

/**
 * A machine that QEMU emulates, with Debian's kernel of `suite` for such machines.
 *
 * @throws GuestError saying what is missing and how to get it.
 */
export async function prepareQemu(suite: Suite, options: QemuMachineOptions): Promise<Machine> {
  const { cache, signal, kvm } = options;
  await ensurePackages({ signal, wanted: bootPackages });
  const kernel = await prepareKernel(suite, options);
  const initrd = await prepareInitrd(kernel, { cache, signal });
  return {
    kind: 'qemu',
    suite,
    release: kernel.release,
    diskPrefix: '/dev/vd',
    diskModules: ['virtio_blk'],
    bootSeconds: kvm ? 60 : 180,
    launch: async (asked) => ({
      name: kvm ? 'QEMU with KVM' : 'QEMU',
      program: qemuProgram,
      args: qemuArguments({
        ...asked,
        image: kernel.image,
        initrd,
        modules: join(kernel.tree, 'lib/modules', kernel.release),
        cpus: options.cpus,
        accelerator: accelerator(kernel.release, kvm),
      }),
      env: {},
    }),
  };
}
