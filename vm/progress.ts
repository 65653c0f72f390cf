import type { Writable } from 'node:stream';

/** A progress display. */
export interface Progress extends Disposable {
  /** Shows that `percent` (0 to 100) is done. */
  update(percent: number): void;
  /** Shows that the work succeeded. Otherwise, disposal only clears the display. */
  done(): void;
}

/** The output of a progress display: a bar if `isTTY`, otherwise plain lines. */
export type ProgressStream = Pick<Writable, 'write'> & { readonly isTTY?: boolean };

const barWidth = 30;
const millisecondsBetweenLines = 5_000;

/**
 * Shows progress: on a terminal a bar that is redrawn in place, otherwise a line at the start, every five seconds and at
 * the end.
 */
export function showProgress(
  title: string,
  stream: ProgressStream = process.stderr,
  now: () => number = Date.now,
): Progress {
  const draw = stream.isTTY ? drawBar : drawLine;
  const interval = stream.isTTY ? 100 : millisecondsBetweenLines;
  let last = now();
  let ended = false;
  stream.write(draw(title, 0));
  return {
    update(percent) {
      if (ended || now() - last < interval) return;
      last = now();
      stream.write(draw(title, percent));
    },
    done() {
      ended = true;
      stream.write(stream.isTTY ? `\r\x1b[K${title}: done\n` : `${title}: done\n`);
    },
    [Symbol.dispose]() {
      if (!ended && stream.isTTY) stream.write('\r\x1b[K');
      ended = true;
    },
  };
}

function drawBar(title: string, percent: number): string {
  const done = Math.round((Math.min(percent, 100) / 100) * barWidth);
  return `\r\x1b[K${title} [${'#'.repeat(done)}${'.'.repeat(barWidth - done)}] ${percent.toFixed(0)}%`;
}

function drawLine(title: string, percent: number): string {
  return percent === 0 ? `${title}...\n` : `${title}: ${percent.toFixed(0)}%\n`;
}

/**
 * The percentage in a line of apt's `APT::Status-Fd`, such as `dlstatus:1:42.5:Retrieving file 1 of 2`, or undefined.
 */
export function aptPercent(line: string): number | undefined {
  const match = /^(?:dl|pm)status:[^:]*:([\d.]+):/.exec(line);
  return match ? Number(match[1]) : undefined;
}
