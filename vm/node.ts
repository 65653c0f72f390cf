import { mkdir, readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { GuestError } from './errors.ts';
import type { PrepareOptions } from './launch.ts';
import { run } from './run.ts';
import { ensureTree } from './tree.ts';

/** Supported major versions of Node besides the running one, the newest last. */
export const nodeMajors = [22, 24, 26] as const;

/** A Node in the cache. */
export interface CachedNode {
  /** Version: `v26.12.1`. */
  readonly version: string;
  /** Path of the program. */
  readonly path: string;
}

/**
 * The newest Node of a major version, from the cache or the npm registry. Its npm package has no install script.
 *
 * @throws GuestError if npm fails.
 */
export async function prepareNode(major: number, options: PrepareOptions): Promise<CachedNode> {
  const name = `node-linux-${arch()}`;
  const tree = join(options.cache, 'node', String(major));
  await ensureTree(tree, options, async (to) => {
    options.log?.(`fetching Node ${major}`);
    await mkdir(to);
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', '--prefix', to, ...quiet, `${name}@${major}`], {
      signal: options.signal,
    });
  });
  const unpacked = join(tree, 'node_modules', name);
  try {
    const { version } = JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    return { version: `v${version}`, path: join(unpacked, 'bin/node') };
  } catch (error) {
    throw new GuestError(`cannot read the cached Node ${major}. Remove ${tree} to fetch it again`, {
      cause: error,
    });
  }
}
