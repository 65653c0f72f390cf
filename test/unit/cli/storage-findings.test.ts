// The report of "storage check" and "storage repair" as text.

import test from 'ava';
import { formatStorageReport, summaryOf } from '../../../src/cli/storage-support/findings.ts';
import type { StorageFinding, StorageReport } from '../../../src/storage/index.ts';

const CLEAN: StorageReport = {
  root: '/srv/layers',
  clean: true,
  findings: [],
  notices: [],
  layers: 2,
  thinDevices: 3,
  pool: { name: 'docker-8:1-131-pool', active: true, state: 'ok' },
};

const PENDING: StorageFinding = {
  code: 'transaction-pending',
  subject: "thin pool 'docker-8:1-131-pool'",
  problem: 'transaction 4 is not complete',
  remedy: 'rolls the transaction back',
  advice: undefined,
  blocks: false,
};
const UNRECORDED: StorageFinding = {
  code: 'thin-unrecorded',
  subject: 'thin device 9',
  problem: 'no record names it',
  remedy: undefined,
  advice: 'Decide',
  blocks: false,
};

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

test('each difference has a number, and says what happens next', (t) => {
  t.is(
    formatStorageReport(withFindings(PENDING, UNRECORDED)),
    `/srv/layers: 2 differences. 2 layers, 3 thin devices, pool docker-8:1-131-pool is active and ok

1. thin pool 'docker-8:1-131-pool': transaction 4 is not complete
   repair: rolls the transaction back

2. thin device 9: no record names it
   you decide: Decide
`,
  );
});

test('the last line says who must act', (t) => {
  const of = (...findings: readonly StorageFinding[]) => summaryOf(withFindings(...findings));
  t.is(of(PENDING), '/srv/layers: 1 difference: "dmts storage repair" repairs it');
  t.is(of(PENDING, PENDING), '/srv/layers: 2 differences: "dmts storage repair" repairs them');
  t.is(of(UNRECORDED), '/srv/layers: 1 difference, which you must decide about');
  t.is(of(PENDING, UNRECORDED), '/srv/layers: 2 differences, of which you must decide about 1');
});
