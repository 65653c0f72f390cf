// Resolves packages from the location of this package's files, or from the location of the bundle that contains them.

import Module from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * __filename comes first, because CommonJS has no import.meta.url. In a bundle, webpack sets __filename to the location
 * of the bundle, but import.meta.url to the location of this file on the build machine. An ES module has no __filename.
 * A check with `typeof` does not work: webpack evaluates it at build time, with the wrong result.
 */
function ownPlace(): string {
  try {
    return pathToFileURL(__filename).href;
  } catch {
    return import.meta.url;
  }
}

/** The URL of this file, or of the bundle that contains it. */
export const HERE: string = ownPlace();

/**
 * Loads a package that bundlers must leave out: koffi, which has a binary, and debug, which is optional. It uses the
 * default import, because webpack replaces calls of an imported `createRequire`.
 */
export const requireHere = (name: string): unknown => Module.createRequire(HERE)(name);
