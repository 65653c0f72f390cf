// The page about the benchmark, from the results of the parts.

const HEAD = `# Benchmarks

What dmts costs beside other programs that do the same. \`npm run bench\` runs the benchmark and writes this page, its plots and its data in
[docs/benchmarks](benchmarks); \`npm run bench -- --quick\` measures fewer rounds, and takes about 5 minutes on a quiet machine. \`npm run bench -- device-mapper\` runs one part.

Each part boots one guest, in which all peers use the same disks, in turn. Only ratios within a table mean something: a guest is
user-mode Linux, in which a system call costs far more than on a physical machine. A ratio is the median of the ratios of the rounds.
Each operation of a program is timed by itself, and most are shorter than a time slice, so other work on the
machine changes few samples. It does change the times of processes and threads. A page fault of user-mode Linux takes more than 100 µs: rounds in
which Node gets new memory are several times as slow as others. The last table of each part has the quartiles.
`;

/** The page: `sections` has the name and the text of each part. */
export const benchmarksPage = (
  sections: readonly { readonly name: string; readonly text: string }[],
): string =>
  [
    HEAD,
    ...sections.map(
      ({ name, text }) => `${text}\n![The ratios as a plot](benchmarks/${name}.svg)\n`,
    ),
  ].join('\n');
