// Whiteouts: entries of a layer's tar that delete paths of the layer below. Source: OCI image specification, layer.md,
// Whiteouts.

/** The prefix of the name of a deleted path. */
export const WHITEOUT = '.wh.';
/** The entry that deletes the whole content of its directory in the layer below. */
export const OPAQUE = '.wh..wh..opq';
/** The prefix of AUFS's own files at the top. */
export const AUFS_OWN = '.wh..wh.';
