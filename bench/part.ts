// One part of the benchmark: what it needs on this machine, and the program that measures in the guest.

/** How a part runs. */
export interface PartOptions {
  readonly quick: boolean;
  /** A directory for files that the guest needs. */
  readonly directory: string;
}

/** The program of a guest. Its output is its results as JSON. */
export interface PartProgram {
  readonly command: readonly string[];
  /** Sizes of the disks in bytes. */
  readonly disks: readonly number[];
}

/** One part of the benchmark, with its results, a section of the page and a plot. */
export interface Part<Results = never> {
  /** Names the files of the results: `docs/benchmarks/NAME.json`. */
  readonly name: string;
  readonly prepare: (options: PartOptions) => Promise<PartProgram>;
  /** The section of the page, as Markdown. */
  readonly section: (results: Results) => string;
  /** The plot, as SVG. */
  readonly plot: (results: Results) => string;
}
