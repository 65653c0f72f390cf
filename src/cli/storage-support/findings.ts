// The report of a check as text: what is in order, and each difference with what can be done about it.

import type { StorageFinding, StorageReport } from '../../storage/index.ts';

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;

/** The report as lines of text. */
export function formatStorageReport(report: StorageReport): string {
  const { root, clean, findings } = report;
  const what = [count(report.layers, 'layer'), thinDevices(report), poolWords(report)]
    .filter((part) => part !== undefined)
    .join(', ');
  if (clean) return `${root}: in order: ${what}\n`;
  const head = `${root}: ${count(findings.length, 'difference')}. ${what}\n`;
  return head + findings.map((finding, index) => `\n${entry(index + 1, finding)}`).join('');
}

const thinDevices = ({ thinDevices: number }: StorageReport): string | undefined =>
  number === undefined ? undefined : count(number, 'thin device');

function poolWords({ pool }: StorageReport): string {
  if (pool === undefined) return 'no pool';
  const state = pool.state === undefined ? '' : ` and ${pool.state}`;
  return `pool ${pool.name} is ${pool.active ? 'active' : 'inactive'}${state}`;
}

function entry(number: number, { subject, problem, remedy, advice }: StorageFinding): string {
  const indent = ' '.repeat(`${number}. `.length);
  const next = remedy === undefined ? `decide: ${advice}` : `repair: ${remedy}`;
  return `${number}. ${subject}: ${problem}\n${indent}${next}\n`;
}

const needDecision = (number: number): string => `need${number === 1 ? 's' : ''} a decision`;

/** One sentence about what remains to be done. */
export function summaryOf({ root, findings }: StorageReport): string {
  const open = findings.filter(({ remedy }) => remedy === undefined).length;
  const all = `${root}: ${count(findings.length, 'difference')}`;
  if (open === 0)
    return `${all}: "dmts storage repair" repairs ${findings.length === 1 ? 'it' : 'them'}`;
  if (open === findings.length) return `${all}, which ${needDecision(findings.length)}`;
  return `${all}, ${open} of which ${needDecision(open)}`;
}
