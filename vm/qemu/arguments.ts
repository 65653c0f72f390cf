import { channels } from '../channels.ts';

/** The program that emulates the machine. */
export const qemuProgram = 'qemu-system-x86_64';

/** The parts of an emulated machine. */
export interface QemuOptions {
  readonly image: string;
  readonly initrd: string;
  /** Directory of the kernel's modules, mounted at /lib/modules/<release>. */
  readonly modules: string;
  /** Directory with the job's scripts. */
  readonly job: string;
  /** Memory in MiB. */
  readonly memory: number;
  readonly cpus: number;
  /** Raw image files: /dev/vda, /dev/vdb and so on. */
  readonly disks: readonly string[];
  readonly accelerator: Accelerator;
  /** Whether the kernel prints all messages on its console. */
  readonly verbose: boolean;
}

/** How instructions are executed; `tcg-single` emulates all processors in one thread. */
export type Accelerator = 'kvm' | 'tcg-multi' | 'tcg-single';

const accelerators: Readonly<Record<Accelerator, string>> = {
  kvm: 'kvm',
  'tcg-multi': 'tcg,thread=multi',
  'tcg-single': 'tcg,thread=single',
};

/**
 * The accelerator for a kernel. KVM is used only on request, because a guest may hang although /dev/kvm exists. Linux 7
 * panics in one of ten boots if its processors are emulated in parallel.
 */
export function accelerator(release: string, kvm: boolean): Accelerator {
  if (kvm) return 'kvm';
  return Number.parseInt(release, 10) >= 7 ? 'tcg-single' : 'tcg-multi';
}

/**
 * The kernel's command line. Cipher self-tests would take half a second of an emulated boot, and more for each loaded
 * cipher. On a busy machine emulated timer interrupts are too late for the kernel's timer check, which would panic.
 */
function commandLine(verbose: boolean): string {
  return `console=ttyS0 panic=-1 no_timer_check cryptomgr.notests${verbose ? '' : ' quiet'}`;
}

/** QEMU's arguments: no network, no display, this machine's root read-only, the console on QEMU's standard output. */
export function qemuArguments(options: QemuOptions): string[] {
  const { memory, cpus, disks, verbose } = options;
  return [
    ['-nodefaults', '-no-user-config', '-no-reboot'],
    ['-display', 'none'],
    ['-nic', 'none'],
    ['-machine', 'pc'],
    ['-accel', accelerators[options.accelerator]],
    ['-cpu', 'max'],
    ['-smp', String(cpus)],
    ['-m', `${memory}M`],
    ['-kernel', options.image],
    ['-initrd', options.initrd],
    ['-append', commandLine(verbose)],
    ['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    share('root', '/', 'multidevs=remap'),
    share('modules', options.modules, 'multidevs=remap'),
    share('job', options.job, 'multidevs=remap'),
    ['-device', 'virtio-serial-pci'],
    ...Object.entries(channels).map(([name, fd]) => [
      ...['-chardev', `socket,id=${name},fd=${fd}`],
      ...['-device', `virtserialport,chardev=${name},name=${name}`],
    ]),
    ...disks.map((path) => [
      '-drive',
      `file=${escapeCommas(path)},format=raw,if=virtio,cache=writeback,discard=unmap`,
    ]),
  ].flat();
}

function share(tag: string, path: string, more: string): string[] {
  return [
    '-virtfs',
    `local,path=${escapeCommas(path)},mount_tag=${tag},security_model=none,readonly=on,${more}`,
  ];
}

/** Doubles commas, as QEMU's option lists require. */
function escapeCommas(path: string): string {
  return path.replaceAll(',', ',,');
}
