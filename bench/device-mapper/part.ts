// The part of the benchmark that compares the calls of the device mapper.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from '../../vm/packages.ts';
import { run } from '../../vm/run.ts';
import type { Part, PartOptions, PartProgram } from '../part.ts';
import { deviceMapperPlot } from './plot.ts';
import { deviceMapperSection } from './report.ts';
import type { DeviceMapperResults } from './results.ts';

const SOURCES = fileURLToPath(new URL('../../../bench/device-mapper/programs/', import.meta.url));
const GUEST = fileURLToPath(new URL('./guest/main.js', import.meta.url));
const MiB = 2 ** 20;

/** The C programs and their libraries. The guest runs them with this machine's libraries. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  raw: ['-static'],
  processes: ['-static'],
  libdevmapper: ['-ldevmapper'],
};

async function prepare({ quick, directory }: PartOptions): Promise<PartProgram> {
  await ensurePackages({
    wanted: ['dmsetup', 'gcc', 'libc6-dev', 'libdevmapper-dev', 'strace', 'util-linux'],
  });
  for (const [name, libraries] of Object.entries(PROGRAMS)) {
    const [source, program] = [join(SOURCES, `${name}.c`), join(directory, name)];
    await run('gcc', [
      '-O2',
      '-D_GNU_SOURCE',
      '-Wall',
      '-Werror',
      '-o',
      program,
      source,
      ...libraries,
    ]);
  }
  return {
    command: [process.execPath, GUEST, directory, ...(quick ? ['--quick'] : [])],
    disks: [64 * MiB, 512 * MiB, 64 * MiB],
  };
}

/** The calls of the device mapper beside C, libdevmapper and dmsetup. */
export const deviceMapperPart: Part<DeviceMapperResults> = {
  name: 'device-mapper',
  prepare,
  section: deviceMapperSection,
  plot: deviceMapperPlot,
};
