// An image of three layers with every kind of file, built without a network.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dockerd } from './dockerd.ts';
import { type Member, writeTar } from './tar.ts';

const BUSYBOX = '/bin/busybox';

/** struct vfs_cap_data of linux/capability.h, version 2: CAP_NET_RAW permitted. */
const CAPABILITY = Buffer.from('0100000200200000000000000000000000000000', 'hex').toString();

const base: readonly Member[] = [
  { name: 'bin', type: 'directory', mode: 0o755 },
  { name: 'bin/busybox', mode: 0o755, bytes: readFileSync(BUSYBOX) },
  { name: 'bin/sh', type: 'symlink', mode: 0o777, linkname: 'busybox' },
  { name: 'tmp', type: 'directory', mode: 0o1777 },
  { name: 'data', type: 'directory', mode: 0o2750, uid: 1000, gid: 1001 },
  { name: 'data/setuid', mode: 0o4755, bytes: 'runs as its owner\n' },
  { name: 'data/capable', mode: 0o755, bytes: 'x', xattrs: { 'security.capability': CAPABILITY } },
  { name: 'data/noted', bytes: 'x', xattrs: { 'user.note': 'of the base' } },
  { name: 'data/owned', mode: 0o640, uid: 70_000, gid: 80_000, bytes: 'not yours\n' },
  { name: 'data/old', mtime: new Date('1999-12-31T23:59:58Z'), bytes: 'millennium\n' },
  { name: 'data/empty' },
  { name: 'data/large', bytes: Buffer.alloc(700_001, 'a few blocks of the pool ') },
  { name: 'data/one', bytes: 'two names\n' },
  { name: 'data/two', type: 'link', linkname: 'data/one' },
  { name: 'data/dangling', type: 'symlink', mode: 0o777, linkname: '/no/such/file' },
  { name: 'data/null', type: 'character-device', mode: 0o666, devmajor: 1, devminor: 3 },
  { name: 'data/loop', type: 'block-device', mode: 0o660, devmajor: 7, devminor: 200 },
  { name: 'data/pipe', type: 'fifo', mode: 0o600 },
  { name: `data/${'long'.repeat(50)}`, bytes: 'x' },
  { name: 'data/grüße 名前', bytes: 'x' },
  { name: 'doomed', type: 'directory' },
  { name: 'doomed/file', bytes: 'gone with the second layer\n' },
];

const added: readonly Member[] = [
  { name: 'data/old', mode: 0o600, bytes: 'replaced by the second layer\n' },
  { name: 'data/second', type: 'directory', mode: 0o700, uid: 5, gid: 6 },
  { name: 'data/second/file', mode: 0o444, bytes: 'of the second layer\n' },
];

const DOCKERFILE = `FROM base
ADD added.tar /
RUN ["/bin/busybox", "sh", "-c", "busybox rm -r /doomed && busybox chmod 1711 /data/second && echo third >> /data/owned && busybox ln /data/empty /data/again && busybox chown 9:10 /data/one"]
`;

/** The content of the layers that no container creates. */
export const layers: Readonly<Record<'base' | 'added', readonly Member[]>> = { base, added };

/** The image's name for {@link buildImage}. */
export const IMAGE = 'layered';

/** Import the lowest layer as a separate image, `base`. */
export async function importBase({ docker }: Dockerd, directory: string): Promise<void> {
  const tar = join(directory, 'base.tar');
  await writeTar(tar, base);
  await docker('import', tar, 'base');
}

/** Build {@link IMAGE} below `directory`: a base layer, one with added and replaced files, one from a container. */
export async function buildImage(dockerd: Dockerd, directory: string): Promise<void> {
  const context = join(directory, 'context');
  mkdirSync(context, { recursive: true });
  await importBase(dockerd, directory);
  await writeTar(join(context, 'added.tar'), added);
  writeFileSync(join(context, 'Dockerfile'), DOCKERFILE);
  await dockerd.docker('build', '--network', 'none', '--tag', IMAGE, context);
}
