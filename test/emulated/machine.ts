// Node for another processor: unpacked from Debian's packages, run by qemu-user, with koffi's binary for it.

import { chmod, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PrepareOptions } from '../../vm/launch.ts';
import { fetchNpmPackage } from '../../vm/npm.ts';
import { unpackPackages } from '../../vm/unpack.ts';
import { type EmulatedArchitecture, PACKAGES, SUITE } from './architectures.ts';

/** A checkout for another processor. */
export interface EmulatedCheckout {
  /** Its directory, with build/, package.json and node_modules/. */
  readonly directory: string;
  /** A program that behaves like Node. */
  readonly node: string;
}

/**
 * QEMU's user-mode emulators. Not from this machine's release: openat2 needs QEMU 9.2, and Debian's emulators are
 * linked statically.
 */
const prepareQemu = (options: PrepareOptions): Promise<string> =>
  unpackPackages(
    { directory: ['qemu-user', SUITE], suite: SUITE, packages: ['qemu-user'] },
    options,
  );

/** An emulated Node: its root directory and the program. */
interface EmulatedNode {
  readonly root: string;
  readonly program: string;
}

async function prepareNode(
  { debian, npm }: EmulatedArchitecture,
  options: PrepareOptions,
): Promise<EmulatedNode> {
  const root = await unpackPackages(
    {
      directory: [`node-${debian}`, SUITE],
      suite: SUITE,
      ...(npm === undefined && { architecture: debian }),
      packages: npm?.libraries ?? PACKAGES,
      // Links that Debian's base-files would create.
      arrange: async (unpacked) => {
        if (npm !== undefined) return;
        for (const name of ['lib', 'lib64']) await symlink(`usr/${name}`, join(unpacked, name));
      },
    },
    options,
  );
  if (npm === undefined) return { root, program: join(root, 'usr/bin/node') };
  const node = await fetchNpmPackage(npm.node, options);
  return { root: join(root, npm.root), program: join(node, 'bin/node') };
}

async function koffiVersion(): Promise<string> {
  const manifest = await readFile('node_modules/koffi/package.json', 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

/** Copy this checkout's build to `directory`, with a program that runs it as on `architecture`. */
export async function prepareCheckout(
  directory: string,
  architecture: EmulatedArchitecture,
  options: PrepareOptions,
): Promise<EmulatedCheckout> {
  const emulators = await prepareQemu(options);
  const { root, program } = await prepareNode(architecture, options);
  const node = join(directory, 'node');
  const qemu = join(emulators, 'usr/bin', `qemu-${architecture.qemu}`);
  await mkdir(join(directory, 'node_modules/@koromix'), { recursive: true });
  await writeFile(node, `#!/bin/sh\nexec ${qemu} -L ${root} ${program} "$@"\n`);
  await chmod(node, 0o755);
  await cp('build', join(directory, 'build'), { recursive: true });
  await cp('package.json', join(directory, 'package.json'));
  for (const name of await readdir('node_modules')) {
    if (name === 'koffi' || name === '@koromix') continue;
    await symlink(resolve('node_modules', name), join(directory, 'node_modules', name));
  }
  // koffi looks for its binary beside its own real path.
  await cp('node_modules/koffi', join(directory, 'node_modules/koffi'), { recursive: true });
  if (architecture.claim === 'supported') {
    const name = `@koromix/koffi-linux-${architecture.arch}`;
    const binary = await fetchNpmPackage(`${name}@${await koffiVersion()}`, options);
    await cp(binary, join(directory, 'node_modules', name), { recursive: true });
  }
  return { directory, node };
}
