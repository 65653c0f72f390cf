// Fuzz the texts of every target, valid and damaged:
//   node build/fuzz/targets.js --minutes N --seed S --runs N
// Add a failing case as a named row to the test of the target.

import { EVERY_TARGET } from '../test/support/arbitraries/every-target.ts';
import { targetLaws } from '../test/support/arbitraries/target-properties.ts';
import { fuzz } from './run.ts';

/** Status texts of all target types: each parser also gets those of the others. */
const STATUS_TEXTS: readonly string[] = [
  '0 4110/65536 0/16384 - rw discard_passdown queue_if_no_space - 1024 ',
  '8 10/16384 128 0/1024 0 0 0 0 0 0 0 1 writethrough 2 migration_threshold 2048 smq 0 rw - ',
  '8 7/16384 8 0/16384 0 1 no_hydration 4 hydration_threshold 1 hydration_batch_size 1 rw',
  '2 253:1 253:2 80/81 1 AD 3 disk 253:0 A',
  '2 1 0 0 1 1 E 0 2 2 7:0 A 0 0 1 7:1 A 0 0 1 ',
  '1 64 60 3 70 c3 0:4096 1:8192 2:0',
  'raid1 2 aa 10/20 resync 0 0 -',
  '16/131072 16',
  '2 7:0 7:1 1 AA',
  '/dev/vdo0 normal - online online 12 3456',
  '0 16320 16320 0 0 0 0 0 0 0 0 0 0 0',
  '64 zones 0/0 cache 3/4 random 50/60 sequential',
  '5 9 logging_disabled',
  '8 11/16384 1 -',
  '128 127',
  'C 12',
];

fuzz(
  'targets',
  EVERY_TARGET.flatMap(({ kind, params }) => targetLaws(kind, params, STATUS_TEXTS)),
);
