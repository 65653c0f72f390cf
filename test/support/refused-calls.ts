// The output of fixtures/any-system.ts on a system without support for system calls.

/** The outcome of each of its calls, on `system` and `arch`. */
export function refusedCalls(system: string, arch: string): Readonly<Record<string, unknown>> {
  const refused = (action: string): string =>
    `UnavailableError: cannot ${action}: dmts supports Linux on x64 and arm64 only, got ${system} on ${arch}`;
  return {
    open: refused("open '/dev/mapper/control'"),
    unmount: [refused('call umount2'), refused('call umount2')],
    mount: refused('call mount'),
    trim: refused('call ioctl'),
    lock: refused('call flock'),
    entries: refused('call getdents64'),
  };
}
