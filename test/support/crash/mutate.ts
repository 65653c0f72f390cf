// Puts a fault into the library that a program loads: `node --import …/mutate.js PROGRAM`, with the name of a mutation in
// DMTS_MUTATION. The program ends with an error if the text to replace does not occur exactly once.

import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { initialize, syncHooks } from './mutate-hooks.ts';
import { MUTATIONS, type Mutation, type MutationName } from './mutations.ts';

/** What the hooks of the module loader get. */
export interface Replacement {
  readonly url: string;
  readonly text: string;
  readonly replacement: string;
}

/** The arguments of Node that run a program with a mutation. */
export const mutatedNode = (): readonly string[] => ['--import', import.meta.url];

/** The variables of the environment that select a mutation. */
export const mutationEnvironment = (name: MutationName): Readonly<Record<string, string>> => ({
  [VARIABLE]: name,
});

const VARIABLE = 'DMTS_MUTATION';

function mutate(name: string): void {
  const mutations: Readonly<Record<string, Mutation>> = MUTATIONS;
  const mutation = mutations[name];
  if (mutation === undefined) {
    throw new Error(
      `invalid ${VARIABLE}: expected one of ${Object.keys(MUTATIONS).join(', ')}, got ${name}`,
    );
  }
  const { file, text, replacement } = mutation;
  const url = new URL(`../../../src/${file}`, import.meta.url);
  const found = readFileSync(url, 'utf8').split(text).length - 1;
  if (found !== 1) {
    throw new Error(
      `cannot mutate ${fileURLToPath(url)}: expected one occurrence of "${text}", got ${found}`,
    );
  }
  const data: Replacement = { url: url.href, text, replacement };
  // Newer versions of Node warn about `register`. Node 20 has nothing else, and its types lack `registerHooks`.
  const { registerHooks } = nodeModule as { registerHooks?: (hooks: typeof syncHooks) => unknown };
  if (registerHooks === undefined) {
    nodeModule.register(new URL('mutate-hooks.js', import.meta.url), { data });
    return;
  }
  initialize(data);
  registerHooks(syncHooks);
}

const name = process.env[VARIABLE];
if (name !== undefined) mutate(name);
