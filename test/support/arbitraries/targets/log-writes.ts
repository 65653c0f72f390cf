import type fc from 'fast-check';
import type { LogWritesParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyRecord } from './words.ts';

/** Parameters of a log-writes target. */
export const anyLogWrites: fc.Arbitrary<LogWritesParams> = anyRecord<
  LogWritesParams,
  keyof LogWritesParams
>({ device: anyDevice, logDevice: anyDevice }, ['device', 'logDevice']);
