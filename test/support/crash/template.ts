// A storage with two layers, built once in a test file and copied for each point of a kill sweep.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layerKind } from '../../../src/storage/directory/records.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { SMALL } from '../kernel/storage.ts';
import { writeContent } from './content.ts';
import { LAYERS, type Operation, UNPACKED } from './operations.ts';

/** The template. Its files are deleted when this process ends. */
export interface Template {
  /** The tar that is applied. */
  readonly tar: string;
  /** Creates a directory in the state before an operation, and returns its path. No device in it is active. */
  readonly copy: (operation: Operation) => string;
}

/** Builds the template. */
export async function buildTemplate(): Promise<Template> {
  const directory = mkdtempSync(join(tmpdir(), 'dmts-crash-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const root = join(directory, 'template');
  await using storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  let parent = '';
  for (const [id, content] of Object.entries(LAYERS)) {
    await storage.create(id, { parent });
    writeContent(await storage.mount(id), content);
    parent = id;
  }
  await storage.shutdown();
  let copies = 0;
  return {
    tar: packContent(directory),
    copy: (operation) => {
      const copy = join(directory, `point-${copies++}`);
      if (operation.isNew) return copy;
      execFileSync('cp', ['--archive', '--sparse=always', root, copy]);
      for (const id of operation.deleted ?? []) markDeleted(join(copy, 'metadata', id));
      return copy;
    },
  };
}

function packContent(directory: string): string {
  const files = join(directory, 'unpacked');
  mkdirSync(files);
  writeContent(files, UNPACKED);
  const tar = join(directory, 'tar');
  execFileSync('tar', ['--create', '--file', tar, '--directory', files, '.']);
  return tar;
}

/** Do what a removal of a layer in use does to the record. */
function markDeleted(file: string): void {
  const record = layerKind.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, layerKind.print({ ...record, deleted: true }));
}
