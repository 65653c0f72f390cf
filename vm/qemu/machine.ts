import { join } from 'node:path';
import type { Machine, PrepareOptions } from '../launch.ts';
import { ensurePackages } from '../packages.ts';
import type { Suite } from '../suites.ts';
import { accelerator, qemuArguments, qemuProgram } from './arguments.ts';
import { prepareInitrd } from './initrd.ts';
import { prepareKernel } from './kernel.ts';

/** Packages that an emulated machine needs to boot. */
const bootPackages = [
  'qemu-system-x86',
  'busybox-static',
  'cpio',
  'kmod',
  'util-linux',
  'xz-utils',
];

/** Options of an emulated machine. */
export interface QemuMachineOptions extends PrepareOptions {
  readonly cpus: number;
  /** Whether to use KVM instead of emulation. */
  readonly kvm: boolean;
}

/**
 * A machine that QEMU emulates, with Debian's amd64 kernel of `suite`.
 *
 * @throws GuestError that names missing requirements and how to get them.
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
