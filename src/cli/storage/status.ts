// dmts storage status

import type { Command } from 'commander';
import type { JsonOption } from '../describe.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { withView } from './with-storage.ts';
import { describeStorage, placeOf } from './words.ts';

/** `dmts storage status` */
export function define(group: Command, io: Io): void {
  describeStorage(group, {
    name: 'status',
    summary: 'Print how full the storage is, and how it is set up',
    details:
      'What "docker info" prints of it, in the same order and form: powers of 1000, four digits. With --json the bytes.',
    examples: [
      'dmts storage --root /srv/layers status',
      'dmts storage --root /srv/layers status --json | jq .data.available',
    ],
  }).action(async ({ json }: JsonOption, self: Command) => {
    await withView(io, placeOf(self), async (view) => {
      if (json) return printJson(io, await view.state());
      const items = await view.status();
      io.stdout.write(items.map(([key, value]) => ` ${key}: ${value}\n`).join(''));
    });
  });
}
