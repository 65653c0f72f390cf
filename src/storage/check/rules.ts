// Every rule of a check.

import type { StorageFacts } from './facts.ts';
import type { StorageFinding } from './finding.ts';
import { deviceFindings, mountFindings } from './rules-devices.ts';
import { baseFilesystemFindings, poolFindings, transactionFindings } from './rules-pool.ts';
import { baseRecordFindings, duplicateFindings, fileFindings } from './rules-records.ts';
import { deletionFindings, thinFindings } from './rules-thins.ts';

/** The rules, in the order of their findings. */
const RULES: readonly ((facts: StorageFacts) => readonly StorageFinding[])[] = [
  fileFindings,
  duplicateFindings,
  poolFindings,
  transactionFindings,
  baseRecordFindings,
  baseFilesystemFindings,
  thinFindings,
  deletionFindings,
  deviceFindings,
  mountFindings,
];

/** Every difference that the facts show. */
export const findingsOf = (facts: StorageFacts): readonly StorageFinding[] =>
  RULES.flatMap((rule) => rule(facts));
