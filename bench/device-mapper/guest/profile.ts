// Sums a CPU profile by function.

/** The part of a `.cpuprofile` that counts: nodes, and one node for each sample. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** The own time of a function. */
export interface OwnTime {
  readonly name: string;
  readonly microseconds: number;
}

/** The own time of each function, the longest first. Waiting (`(idle)`) does not count. */
export function ownTimes({ nodes, samples, timeDeltas }: CpuProfile): readonly OwnTime[] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const file = url.split('/').slice(-2).join('/');
      return [id, `${functionName || '(anonymous)'}${file && ` ${file}:${lineNumber + 1}`}`];
    }),
  );
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id)!;
    if (name === '(idle)') continue;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]!);
  }
  return [...times]
    .map(([name, microseconds]) => ({ name, microseconds }))
    .toSorted((a, b) => b.microseconds - a.microseconds);
}
