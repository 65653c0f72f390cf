/** The last lines of a guest's console. */
export interface ConsoleRing {
  /** Adds output, in pieces of any size. */
  write(chunk: Buffer): void;
  /** The last lines, oldest first, without line ends; at most the ring's size. */
  lines(): string[];
}

/** Creates a ring with the last `size` lines, each cut to 500 characters. */
export function consoleRing(size: number): ConsoleRing {
  const kept: string[] = [];
  const decoder = new TextDecoder();
  let unfinished = '';
  const keep = (line: string): void => {
    kept.push(line.slice(0, 500));
    if (kept.length > size) kept.shift();
  };
  return {
    write(chunk) {
      // Serial consoles end lines with CR LF; firmware draws with escape sequences.
      const parts = (unfinished + decoder.decode(chunk, { stream: true })).split('\n');
      unfinished = (parts.pop() ?? '').slice(-500);
      for (const part of parts) keep(plain(part));
    },
    lines() {
      const rest = plain(unfinished);
      return (rest === '' ? kept : [...kept, rest]).slice(-size);
    },
  };
}

function plain(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
  return line.replace(/\x1b(?:\[[\d;?]*[A-Za-z]|c)|[\x00-\x08\x0b-\x1f]/g, '');
}
