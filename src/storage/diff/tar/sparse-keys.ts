// The PAX records of GNU tar's sparse formats 0.0, 0.1 and 1.0. Source: GNU tar manual, Storing Sparse Files.

/** The keys by their meaning. */
export const SPARSE = {
  major: 'GNU.sparse.major',
  minor: 'GNU.sparse.minor',
  /** The file's own name; the entry has a different one. */
  name: 'GNU.sparse.name',
  /** The file's size, in 0.0 and 0.1. */
  size: 'GNU.sparse.size',
  /** The file's size, in 1.0. */
  realSize: 'GNU.sparse.realsize',
  /** The number of stretches, in 0.0 and 0.1. */
  numBlocks: 'GNU.sparse.numblocks',
  /** One stretch, in 0.0. */
  offset: 'GNU.sparse.offset',
  numBytes: 'GNU.sparse.numbytes',
  /** All stretches, in 0.1. */
  map: 'GNU.sparse.map',
} as const;
