// The report of "storage check" and "storage repair" as text.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { formatStorageReport, summaryOf } from '../../../src/cli/storage-support/findings.ts';
import { finding } from '../../../src/storage/check/finding.ts';
import type { StorageFinding, StorageReport } from '../../../src/storage/index.ts';
import { blocksOf } from '../../support/doc-blocks.ts';

const CLEAN: StorageReport = {
  root: '/srv/layers',
  clean: true,
  findings: [],
  notices: [],
  layers: 2,
  thinDevices: 3,
  pool: { name: 'docker-8:1-131-pool', active: true, state: 'ok' },
};

const PENDING: StorageFinding = finding(
  'transaction-pending',
  "thin pool 'docker-8:1-131-pool'",
  'transaction 4 is not complete: a process died while it created or deleted layer "web", thin device 4',
);
const UNRECORDED: StorageFinding = finding(
  'thin-unrecorded',
  'thin device 9',
  'no record names it',
);

const withFindings = (...findings: readonly StorageFinding[]): StorageReport => ({
  ...CLEAN,
  clean: false,
  findings,
});

test('a storage in order', (t) => {
  t.is(
    formatStorageReport(CLEAN),
    '/srv/layers: in order: 2 layers, 3 thin devices, pool docker-8:1-131-pool is active and ok\n',
  );
});

test('a storage without a pool, and one whose pool cannot be read', (t) => {
  t.is(
    formatStorageReport({ ...CLEAN, layers: 0, thinDevices: undefined, pool: undefined }),
    '/srv/layers: in order: 0 layers, no pool\n',
  );
  const pool = { name: 'p', active: false, state: undefined };
  t.is(
    formatStorageReport({ ...CLEAN, layers: 1, thinDevices: 1, pool }),
    '/srv/layers: in order: 1 layer, 1 thin device, pool p is inactive\n',
  );
});

test('each difference has a number, and says what happens next, as the guide shows it', (t) => {
  const report = { ...withFindings(PENDING, UNRECORDED), thinDevices: 4 };
  const shown = blocksOf('docs/storage.md', readFileSync('docs/storage.md', 'utf8')).find(
    ({ code }) => code.startsWith('$ dmts storage'),
  );
  t.is(
    `$ dmts storage --root /srv/layers check\n${formatStorageReport(report)}dmts: ${summaryOf(report)}\n`,
    `${shown?.code.trimEnd()}\n`,
  );
});

test('the last line says who must act', (t) => {
  const of = (...findings: readonly StorageFinding[]) => summaryOf(withFindings(...findings));
  t.is(of(PENDING), '/srv/layers: 1 difference: "dmts storage repair" repairs it');
  t.is(of(PENDING, PENDING), '/srv/layers: 2 differences: "dmts storage repair" repairs them');
  t.is(of(UNRECORDED), '/srv/layers: 1 difference, which needs a decision');
  t.is(of(PENDING, UNRECORDED), '/srv/layers: 2 differences, 1 of which needs a decision');
});
