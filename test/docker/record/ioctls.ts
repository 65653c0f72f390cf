// The device-mapper requests that Docker makes for one container.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerDisk } from '../../support/docker/data-root.ts';
import { startDockerd } from '../../support/docker/dockerd.ts';
import { importBase } from '../../support/docker/image.ts';
import { storageOptions } from '../../support/docker/storage-options.ts';

const COMMAND = ['/bin/busybox', 'sleep', '600'];

/** Trace a program. Detached, so that dockerd is a child of this process and gets its signals. */
const strace = (file: string): readonly string[] => [
  ...['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-v', '-s', '200'],
  ...['-e', 'trace=ioctl', '-o', file],
];

/** The requests in strace's lines, without the parts that differ between runs. */
function requests(trace: string): readonly string[] {
  return [...trace.matchAll(/ioctl\(\d+, (DM_\w+), \[\{(.*)$/gm)].map(([, command, rest]) => {
    const [request = ''] = rest!.split(' => ');
    const name = /name="docker-\d+:\d+-\d+-([^"]*)"/.exec(request)?.[1] ?? '';
    const flags = /flags=([\w|]+)/.exec(request)?.[1] ?? '';
    const message = /message="([^"]*)"/.exec(request)?.[1] ?? '';
    return [command, name, flags, message].filter(Boolean).join(' ');
  });
}

/** The requests while dockerd starts, creates, starts, ends and removes a container, and stops. */
export async function recordIoctls(): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'ioctls-'));
  const options = {
    dataRoot: join(dockerDisk(), 'ioctls'),
    storageOptions: storageOptions('ext4'),
  };
  const first = await startDockerd(options);
  await importBase(first, scratch);
  await first.stop();
  const file = join(scratch, 'trace');
  const dockerd = await startDockerd({ ...options, under: strace(file) });
  const { docker } = dockerd;
  let seen = 0;
  const since = (title: string): string => {
    const all = requests(readFileSync(file, 'utf8'));
    const made = all.slice(seen);
    seen = all.length;
    return [`${title}: ${made.length} requests`, ...made.map((line) => `  ${line}`), ''].join('\n');
  };
  const parts = [since('start of dockerd')];
  await docker('create', '--name', 'traced', '--network', 'none', 'base', ...COMMAND);
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
