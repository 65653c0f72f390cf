// Whether udevd can decrement a cookie of this process. A cookie is a System V semaphore, and each IPC namespace has
// semaphores of its own: the host's udevd never sees one that a container creates in a private namespace.
// Sources: ipc_namespaces(7); PROC_IPC_INIT_INO of the kernel's include/linux/proc_ns.h.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The inode of the initial IPC namespace, in which the host's udevd runs. */
const FIRST_NAMESPACE = 0xefffffff;

/** The process names of udevd: systemd's and eudev's. */
const UDEVD = ['systemd-udevd', 'udevd'];

/** The IPC namespace of a process; `undefined` if it is unknown. */
function ipcNamespace(proc: string, process: string): number | undefined {
  try {
    return statSync(join(proc, process, 'ns/ipc')).ino;
  } catch {
    return undefined;
  }
}

function isUdevd(proc: string, process: string): boolean {
  try {
    return UDEVD.includes(readFileSync(join(proc, process, 'comm'), 'utf8').trim());
  } catch {
    // The process has ended.
    return false;
  }
}

/**
 * Whether udevd shares this process's semaphores. In a private IPC namespace it does so only if it runs in the same
 * namespace.
 */
export function udevSeesCookies(proc = '/proc'): boolean {
  const own = ipcNamespace(proc, 'self');
  if (own === undefined || own === FIRST_NAMESPACE) return true;
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name) && isUdevd(proc, name))
    .some((name) => ipcNamespace(proc, name) === own);
}
