// The target types that the running kernel ships.

import { release } from 'node:os';
import type { Suite } from '../../../vm/suites.ts';
import { type Flavor, targetSupport } from './target-table.ts';

export { targetSupport };

/** The Debian release of the running kernel: 6.1 is bookworm, 6.12 trixie, 7.x sid. */
export const runningSuite: Suite = suiteOf(release());

function suiteOf(kernel: string): Suite {
  if (kernel.startsWith('6.1.')) return 'bookworm';
  if (kernel.startsWith('6.12.')) return 'trixie';
  if (/^[7-9]\./.test(kernel)) return 'sid';
  throw new Error(`unknown kernel Linux ${kernel}: add it to target-support.ts`);
}

/** The variant of Debian's kernel of that release. */
export const runningFlavor: Flavor = release().endsWith('amd64') ? 'amd64' : 'uml';

/** Whether the running kernel ships a target type. */
export const ships = (type: string): boolean =>
  targetSupport[type]?.[runningFlavor][runningSuite] ?? false;
