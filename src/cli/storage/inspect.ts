// dmts storage inspect

import type { Command } from 'commander';
import { withView } from '../storage-support/with-storage.ts';
import { describeQuery, placeOf, withId } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

/** `dmts storage inspect` */
export function define(group: Command, io: Io): void {
  const command = describeQuery(group, {
    name: 'inspect',
    details:
      'It prints what "docker inspect" shows as GraphDriver.Data. In JSON all three values are strings too.',
    examples: [
      'dmts storage --root /srv/layers inspect web',
      'dmts storage --root /srv/layers inspect web --json | jq -r .DeviceName',
    ],
  });
  withId(command).action(async (id: string, { json }: JsonOption, self: Command) => {
    const data = await withView(io, placeOf(self), async (view) => view.metadata(id));
    if (json) return printJson(io, data);
    const lines = Object.entries(data).map(([key, value]) => `${key}: ${value}\n`);
    io.stdout.write(lines.join(''));
  });
}
