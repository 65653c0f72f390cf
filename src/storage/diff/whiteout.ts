// How a layer's tar says that something of the layer below is gone. Source: OCI image specification, layer.md, Whiteouts.

/** In front of the name of what is gone. */
export const WHITEOUT = '.wh.';
/** In a directory of which nothing of the layer below is left. */
export const OPAQUE = '.wh..wh..opq';
/** At the top: what AUFS kept there for itself. */
export const AUFS_OWN = '.wh..wh.';
