import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporaryDirectory } from '../cache.ts';
import { GuestError } from '../errors.ts';
import { run } from '../run.ts';
import { initrdInit } from './init.ts';
import { type Kernel, sbinPath } from './kernel.ts';

/** Modules for the root, the command's channels and the overlay, each after its dependencies. */
const wanted = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'virtio_console'];

/**
 * The path of an initrd for `kernel`, with busybox, the modules for the root, and the first init script. It is created
 * if the cache has none for this release and script.
 *
 * @throws GuestError if busybox-static, kmod, xz or cpio is missing or fails.
 */
export async function prepareInitrd(
  kernel: Kernel,
  { cache, signal }: { readonly cache: string; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const hash = createHash('sha256').update(initrdInit).update(wanted.join()).digest('hex');
  const path = join(cache, 'initrd', `${kernel.release}-${hash.slice(0, 16)}.cpio`);
  if (await exists(path)) return path;
  await using work = await temporaryDirectory(join(cache, 'initrd'));
  const root = join(work.path, 'root');
  for (const name of ['bin', 'lib']) await mkdir(join(root, name), { recursive: true });
  await copyFile(await busybox(), join(root, 'bin/busybox'));
  await symlink('busybox', join(root, 'bin/sh'));
  const modules = await moduleFiles(kernel, signal);
  for (const file of modules) await unpackModule(file, join(root, 'lib', moduleName(file)), signal);
  await writeFile(join(root, 'modules'), `${modules.map(moduleName).join('\n')}\n`);
  await writeFile(join(root, 'init'), initrdInit, { mode: 0o755 });
  const names = ['bin', 'bin/busybox', 'bin/sh', 'lib', 'modules', 'init'];
  const list = [...names, ...modules.map((file) => `lib/${moduleName(file)}`)].join('\n');
  const archive = join(work.path, 'initrd.cpio');
  const args = ['--create', '--format=newc', '--quiet', '--owner=0:0', '-F', archive];
  await run('cpio', args, { cwd: root, input: `${list}\n`, signal });
  await rename(archive, path);
  return path;
}

/** The files on the `insmod` lines of `modprobe --show-depends`, each once, in order, without built-in modules. */
export function insmodFiles(text: string): string[] {
  return [...new Set([...text.matchAll(/^insmod (\S+)/gm)].map((match) => match[1]!))];
}

async function moduleFiles(kernel: Kernel, signal: AbortSignal | undefined): Promise<string[]> {
  // -C: the modprobe.d of this machine is for the kernel of this machine.
  const where = ['-C', '/dev/null', '-d', kernel.tree, '-S', kernel.release];
  let text = '';
  for (const name of wanted)
    text += await run('modprobe', [...where, '--show-depends', name], { signal, env: sbinPath() });
  return insmodFiles(text);
}

function moduleName(file: string): string {
  return basename(file).replace(/\.xz$/, '');
}

async function unpackModule(
  from: string,
  to: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await copyFile(from, from.endsWith('.xz') ? `${to}.xz` : to);
  if (from.endsWith('.xz')) await run('xz', ['--decompress', `${to}.xz`], { signal });
}

async function busybox(): Promise<string> {
  for (const path of ['/bin/busybox', '/usr/bin/busybox']) if (await exists(path)) return path;
  throw new GuestError('busybox is not installed: apt-get install busybox-static');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
