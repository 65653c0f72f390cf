// Packs or unpacks a directory, as a process of its own: `apply TAR DIRECTORY`, `pack DIRECTORY TAR`.

import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { applyDiff, packDiff } from 'dmts/storage';

const [verb, from, to] = process.argv.slice(2) as [string, string, string];
if (verb === 'apply') await applyDiff(to, createReadStream(from));
else await pipeline(packDiff(from), createWriteStream(to));
