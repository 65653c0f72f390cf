// Where an example of a help text runs: a directory for the paths that it names, and the command dmts.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DeviceMapper, isDmError } from '../../../src/index.ts';
import { attachLoop, detachLoop, unmount } from '../../../src/ioctl/index.ts';
import { mainFile } from '../cli/dmts.ts';
import { runHere } from '../cli/in-process.ts';
import { dmtsCommands } from '../doc-blocks.ts';
import { run } from './commands.ts';
import { MiB, type Owner, scratchDirectory } from './scratch.ts';
import { takeStorageApart } from './storage.ts';

/** The result of an example. */
export interface ExampleResult {
  /** Of the shell, or `null` after a signal. */
  readonly status: number | null;
  readonly output: string;
  /** Of each dmts, in the order in which they ended. */
  readonly statuses: readonly (number | null)[];
}

/** What only a shell understands. */
const SHELL_SYNTAX = /[|;&<>$*?~`\\\n]/;

const DISK = 256 * MiB;
const DISKS = ['/dev/sdb', '/dev/sdb1', '/dev/sdb2'];
const STORAGES = ['/srv/layers', '/var/lib/docker/devicemapper'];
const VOLUMES = '/srv/vms';
const DIRECTORIES = ['/etc/bash_completion.d', '/mnt/a', '/mnt/b'];

/** The directory of an example. Its paths replace those that examples name. */
export class Scene {
  readonly directory: string;
  readonly #paths = new Map<string, string>();

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** A new directory with the disks that `lines` name; everything on it is removed when the test ends. */
  static async create(t: Owner, lines: readonly string[]): Promise<Scene> {
    await using dm = await DeviceMapper.open();
    const [device] = await dm.list();
    // Some examples remove all devices.
    if (device !== undefined) throw new Error(`this machine has the device ${device.name}`);
    const scene = new Scene(scratchDirectory(t));
    for (const disk of DISKS) {
      if (!lines.some((line) => new RegExp(`${disk}\\b`).test(line))) continue;
      const file = scene.path(disk.replaceAll('/', '-'));
      writeFileSync(file, '');
      truncateSync(file, DISK);
      const { path } = await attachLoop(file);
      t.teardown(() => detachLoop(path));
      scene.place(disk, path);
    }
    t.teardown(() => scene.#clean());
    for (const path of [...STORAGES, VOLUMES, ...DIRECTORIES])
      scene.place(path, scene.path(path.slice(1)));
    for (const path of DIRECTORIES) mkdirSync(scene.at(path), { recursive: true });
    for (const path of ['bin', 'files', '.zfunc', '.config/fish/completions']) {
      mkdirSync(scene.path(path), { recursive: true });
    }
    writeFileSync(scene.path('files/note'), 'a file');
    writeFileSync(scene.path('new-table.txt'), '0 2048 zero\n');
    const command = scene.path('bin/dmts');
    // The trap keeps the shell alive until the status is written.
    writeFileSync(
      command,
      `#!/bin/sh\ntrap : INT\n${process.execPath} ${mainFile()} "$@"\nstatus=$?\necho $status >> ${scene.#statuses}\nexit $status\n`,
    );
    chmodSync(command, 0o755);
    writeFileSync(scene.#statuses, '');
    return scene;
  }

  get #statuses(): string {
    return this.path('statuses');
  }

  /** A path in the directory. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** Replaces `path` in examples by `real`. */
  place(path: string, real: string): void {
    this.#paths.set(path, real);
  }

  /** The real path. */
  at(path: string): string {
    return this.#paths.get(path)!;
  }

  /** `text` with the paths of this scene. */
  here(text: string): string {
    return text.replaceAll(/\/(?:dev|etc|mnt|srv|var)\/[\w./-]*\w/g, (path) => {
      for (const [shown, real] of this.#paths) {
        if (path === shown || path.startsWith(`${shown}/`)) return real + path.slice(shown.length);
      }
      return path;
    });
  }

  /** Runs a line that only prepares the scene. @throws Error if it fails */
  async prepare(line: string): Promise<void> {
    const here = this.here(line);
    const [words] = dmtsCommands(here);
    if (words === undefined || SHELL_SYNTAX.test(here)) {
      execFileSync('sh', ['-e', '-c', here], { cwd: this.directory, stdio: 'pipe' });
      return;
    }
    const { status, stderr } = await run(...words);
    if (status !== 0) throw new Error(`${line}: ${stderr}`);
  }

  #environment(): NodeJS.ProcessEnv {
    const { DEBUG: _, ...env } = process.env;
    const path = [this.path('bin'), '/usr/sbin', '/sbin', env['PATH']].join(delimiter);
    return { ...env, HOME: this.directory, PATH: path };
  }

  /**
   * Runs an example to its end. `answer` is typed on its terminal; without one it has none. A single command without shell
   * syntax runs in this process, which takes a fifth of the time.
   */
  async run(lines: string, answer?: string): Promise<ExampleResult> {
    const here = this.here(lines);
    const [words] = dmtsCommands(here);
    if (answer === undefined && words !== undefined && !SHELL_SYNTAX.test(here)) {
      const { status, stdout, stderr } = await runHere(words, '', this.#environment());
      return { status, output: stdout + stderr, statuses: [status] };
    }
    const shell = ['sh', '-e', '-c', here];
    writeFileSync(this.path('example.sh'), here);
    const [program = '', ...args] =
      answer === undefined ? shell : ['script', '-qec', 'sh -e example.sh', '/dev/null'];
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: this.directory,
      env: this.#environment(),
      input: answer ?? '',
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr, statuses: this.#ended() };
  }

  /**
   * Runs an example that waits. `raise` is called until the example prints something or ends. If it has not ended by
   * itself, SIGINT then ends it, as Ctrl-C does.
   */
  async runUntil(
    lines: string,
    raise: (scene: Scene, turn: number) => Promise<void>,
  ): Promise<ExampleResult> {
    const child = spawn('stdbuf', ['-oL', 'sh', '-e', '-c', this.here(lines)], {
      cwd: this.directory,
      env: this.#environment(),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const closed = once(child, 'close');
    let status: number | null | undefined;
    void closed.then(([code]) => {
      status = code as number | null;
    });
    for (let turn = 0; printed === '' && status === undefined; turn++) await raise(this, turn);
    if (status === undefined) process.kill(-child.pid!, 'SIGINT');
    await closed;
    return { status: status ?? null, output, statuses: this.#ended() };
  }

  #ended(): readonly number[] {
    return readFileSync(this.#statuses, 'utf8').split('\n').filter(Boolean).map(Number);
  }

  async #clean(): Promise<void> {
    for (const path of ['/mnt/a', '/mnt/b']) {
      await unmount(this.at(path), { lazy: true }).catch(() => undefined);
    }
    for (const root of STORAGES) await takeStorageApart(this.at(root));
    await removeEverything();
  }
}

/** Removes all devices of this guest: an open one goes after those on it. */
async function removeEverything(): Promise<void> {
  await using dm = await DeviceMapper.open({ mangling: 'none' });
  for (let left = await dm.list(), rounds = 0; left.length > 0; left = await dm.list(), rounds++) {
    for (const { dev } of left) {
      try {
        if ((await dm.info({ dev })).suspended) await dm.resume({ dev });
        await dm.remove({ dev }, { retryMs: rounds * 500 });
      } catch (error) {
        if (!isDmError(error, 'EBUSY', 'ENXIO') || rounds > 10) throw error;
      }
    }
  }
  await dm.makeNodes();
}
