// The parts of the benchmark, in the order of the page.

import { deviceMapperPart } from './device-mapper/part.ts';
import type { Part } from './part.ts';

/** All parts. */
export const parts: readonly Part[] = [deviceMapperPart];
