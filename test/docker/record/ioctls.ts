// Which device-mapper requests Docker makes for one container's life.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDockerd } from '../helpers/dockerd.ts';
import type { DockerDirectory } from '../helpers/scenario.ts';

/** The requests in strace's lines, without what differs from run to run. */
function requests(trace: string): readonly string[] {
  return [...trace.matchAll(/ioctl\(\d+, (DM_\w+), \{(.*)$/gm)].map(([, command, rest]) => {
    const [request = ''] = rest!.split(/\} => \{/);
    const name = /name="docker-\d+:\d+-\d+-([^"]*)"/.exec(request)?.[1] ?? '';
    const flags = /flags=([\w|]+)/.exec(request)?.[1] ?? '';
    const message = /message="([^"]*)"/.exec(request)?.[1] ?? '';
    return [command, name, flags, message].filter(Boolean).join(' ');
  });
}

/** The requests while dockerd starts, then creates, starts, ends and removes a container, and stops. */
export async function recordIoctls(
  directory: Pick<DockerDirectory, 'dataRoot' | 'storageOptions'>,
): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'ioctls-')), 'trace');
  // Detached, so that dockerd is our own child and gets our signals.
  const under = [
    'strace',
    '-D',
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-s',
    '200',
    '-e',
    'trace=ioctl',
    '-o',
    file,
  ];
  const dockerd = await startDockerd({ ...directory, under });
  let seen = 0;
  const since = (title: string): string => {
    const all = requests(readFileSync(file, 'utf8'));
    const made = all.slice(seen);
    seen = all.length;
    return [`${title}: ${made.length} requests`, ...made.map((line) => `  ${line}`), ''].join('\n');
  };
  const parts = [since('start of dockerd')];
  const { docker } = dockerd;
  await docker(
    'create',
    '--name',
    'traced',
    '--network',
    'none',
    'base',
    '/bin/busybox',
    'sleep',
    '600',
  );
  parts.push(since('docker create'));
  await docker('start', 'traced');
  parts.push(since('docker start'));
  await docker('kill', 'traced');
  await docker('wait', 'traced');
  parts.push(since('docker kill'));
  await docker('rm', 'traced');
  parts.push(since('docker rm'));
  await dockerd.stop();
  parts.push(since('end of dockerd'));
  return parts.join('\n');
}
