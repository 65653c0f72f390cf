// What tables and lists of many entries cost beside JSON of the same data, in CPU time: medians of interleaved runs.
// `npm run bench:codec -- --runs 9`

import { parseArgs } from 'node:util';
import { typeLines } from '../src/dm/device/parse-lines.ts';
import { parseTargets } from '../src/dm/reply/replies.ts';
import { linear } from '../src/dm/targets/index.ts';
import { checkTable, encodeTable, formatTable, parseTable } from '../src/dm/text/table.ts';
import { DeviceMapper } from '../src/index.ts';
import { fakeKernel } from '../src/testing/index.ts';
import { median } from './statistics.ts';
import { costOf } from './support/cpu.ts';
import { deviceList, linearTargets } from './support/replies.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '9' } } });
const runs = Number(values.runs);

const TARGETS = 100_000;
const DEVICES = 4000;

/** JSON has no bigints. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one));

/** A task, and a function of JSON with the same data. Both return a value, so that no work is left out. */
interface Row {
  readonly title: string;
  readonly task: () => unknown;
  readonly json: () => unknown;
}

const writes = (data: unknown): (() => string) => {
  const plain: unknown = JSON.parse(toJson(data));
  return () => JSON.stringify(plain);
};
const reads = (data: unknown): (() => unknown) => {
  const text = toJson(data);
  return () => JSON.parse(text);
};

const table = Array.from({ length: TARGETS }, (_, i) =>
  linear({ length: 8, device: '/dev/sdb', offset: 8 * i }),
);
const checked = checkTable(table);
const text = formatTable(checked);
const tableReply = linearTargets(TARGETS);
const lines = parseTargets(tableReply, TARGETS);

async function listRow(title: string, nameOf: (i: number) => string): Promise<Row> {
  const payload = deviceList(DEVICES, nameOf);
  const dm = await DeviceMapper.open({ transport: fakeKernel(() => ({ payload })) });
  return { title, task: () => dm.list(), json: reads(await dm.list()) };
}

const ROWS: readonly Row[] = [
  {
    title: 'table: check and encode',
    task: () => encodeTable(checkTable(table)),
    json: writes(checked),
  },
  { title: 'table: parse a text', task: () => parseTable(text), json: reads(lines) },
  {
    title: 'table: decode a reply',
    task: () => parseTargets(tableReply, TARGETS),
    json: reads(lines),
  },
  {
    title: 'table: records of targets',
    task: () => typeLines('d', lines, 'parseParams'),
    json: reads(typeLines('d', lines, 'parseParams')),
  },
  await listRow('list of plain names', (i) => `vg0-volume_${i}`),
  await listRow('list of mangled names', (i) => `my\\x20volume\\x20${i}`),
];

const costs = ROWS.map(() => ({ task: [] as number[], json: [] as number[] }));
for (let run = 0; run < runs; run++) {
  for (const [i, { task, json }] of ROWS.entries()) {
    costs[i]!.task.push(await costOf(task));
    costs[i]!.json.push(await costOf(json));
  }
}

const ms = (figure: number): string => `${figure.toFixed(1).padStart(8)} ms`;
console.log(`CPU time, medians of ${runs}: ${TARGETS} targets, ${DEVICES} devices`);
console.log(`${' '.repeat(26)}      dmts        first        JSON   ratio`);
for (const [i, { title }] of ROWS.entries()) {
  const [task, json] = [median(costs[i]!.task), median(costs[i]!.json)];
  const ratio = (task / json).toFixed(1).padStart(5);
  console.log(`${title.padEnd(26)}${ms(task)} ${ms(costs[i]!.task[0]!)} ${ms(json)} ${ratio}`);
}
