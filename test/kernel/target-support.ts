// What the kernel that runs this ships of the targets.

import { release } from 'node:os';
import type { Suite } from '../../vm/suites.ts';
import { type Flavor, targetSupport } from './target-table.ts';

export { targetSupport };

/** The release whose kernel runs: 6.1 is bookworm's, 6.12 trixie's, 7.x sid's. */
export const runningSuite: Suite = suiteOf(release());

function suiteOf(kernel: string): Suite {
  if (kernel.startsWith('6.1.')) return 'bookworm';
  if (kernel.startsWith('6.12.')) return 'trixie';
  if (/^[7-9]\./.test(kernel)) return 'sid';
  throw new Error(`Linux ${kernel} is none of the kernels that target-support.ts knows`);
}

/** Which of Debian's kernels of that release it is. */
export const runningFlavor: Flavor = release().endsWith('amd64') ? 'amd64' : 'uml';

/** Whether the kernel that runs ships a target type. */
export const ships = (type: string): boolean =>
  targetSupport[type]?.[runningFlavor][runningSuite] ?? false;
