// Where this package's files are: the place from which koffi and debug are resolved. In a bundle, the bundle's own
// place. A bundle in CommonJS has no import.meta.url, but has __filename.

import { pathToFileURL } from 'node:url';

/** The URL of this file, or of the bundle that it is a part of. */
export const HERE: string = import.meta.url ?? pathToFileURL(__filename).href;
