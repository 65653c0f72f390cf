// What require() finds from where this package's files are; from a bundle, what it finds from the bundle's own place.

import Module from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * CommonJS, which has no import.meta.url, comes first: webpack gives it the bundle's place, and takes import.meta.url
 * for the place of this file on the machine that made the bundle. An ES module has no __filename, and to ask for its
 * type would not help: webpack answers that beforehand, and wrongly.
 */
function ownPlace(): string {
  try {
    return pathToFileURL(__filename).href;
  } catch {
    return import.meta.url;
  }
}

/** The URL of this file, or of the bundle that it has become a part of. */
export const HERE: string = ownPlace();

/**
 * Load a package that no bundler may take in: koffi, which has a binary, and debug, which is for those who look.
 * Through the default import, for webpack replaces calls of a createRequire that it has seen imported.
 */
export const requireHere = (name: string): unknown => Module.createRequire(HERE)(name);
