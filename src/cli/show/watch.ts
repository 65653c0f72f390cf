// dmts watch

import type { Command } from 'commander';
import type { DeviceEvent } from '../../dm/device/watch.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { entryRecord, toJsonLine } from '../support/json.ts';
import { withDeviceMapper } from '../support/session.ts';

const text = (event: DeviceEvent): string => {
  const { name, eventNr } = event.device;
  const more = event.type === 'renamed' ? ` (was ${event.from})` : '';
  const counter = event.type === 'event' ? ` ${eventNr}` : '';
  return `${event.type} ${name}${more}${counter}`;
};

const record = (event: DeviceEvent): string =>
  toJsonLine({
    type: event.type,
    ...(event.type === 'renamed' && { from: event.from }),
    device: entryRecord(event.device),
  });

/** `dmts watch` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'watch',
    details:
      'The command prints one line per event: created, removed, renamed, table (the live table was replaced), event (a target raised an event; with the counter). With --json each line is a JSON document. Ctrl-C ends it.',
    examples: ['dmts watch', 'dmts watch --json | jq -r \'select(.type == "event").device.name\''],
  }).action(({ json }: JsonOption) =>
    withDeviceMapper(io, { threads: false }, async (dm) => {
      for await (const event of dm.watch({ signal: io.signal })) {
        io.stdout.write(`${json ? record(event) : text(event)}\n`);
      }
    }),
  );
}
