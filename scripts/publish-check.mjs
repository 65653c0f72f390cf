// Refuses to publish a package whose addresses are missing: npm shows them, and resolves the links of README.md by them.

import { readFileSync } from 'node:fs';

/** The fields with an address, each as npm writes it. */
const FIELDS = {
  repository: ({ repository }) => repository?.url ?? repository,
  homepage: ({ homepage }) => homepage,
  bugs: ({ bugs }) => bugs?.url ?? bugs,
};
const isAddress = (text) => typeof text === 'string' && URL.canParse(text);

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const missing = Object.keys(FIELDS).filter((field) => !isAddress(FIELDS[field](manifest)));
for (const field of missing) {
  const key = field === 'homepage' ? field : `${field}.url`;
  console.error(
    `cannot publish: package.json has no address in "${field}": set it with npm pkg set ${key}=ADDRESS`,
  );
}
process.exitCode = missing.length > 0 ? 1 : 0;
