// Reports of progress, few enough not to delay the work.

import type { DiffProgress } from '../tree/options.ts';

/** The time between two reports, in milliseconds. */
const EVERY_MS = 20;

/** Reports the first entry, the last one, and some of those between. */
export class ProgressReports {
  readonly #report: (progress: DiffProgress) => void;
  #next = 0;
  #unreported: DiffProgress | undefined;

  constructor(report: (progress: DiffProgress) => void) {
    this.#report = report;
  }

  /** An entry is done. */
  readonly note = (progress: DiffProgress): void => {
    const now = performance.now();
    this.#unreported = progress;
    if (now < this.#next) return;
    this.#next = now + EVERY_MS;
    this.flush();
  };

  /** Reports the last entry, unless `note` has reported it. */
  flush(): void {
    if (this.#unreported) this.#report(this.#unreported);
    this.#unreported = undefined;
  }
}
