// The hooks of the module loader that replace a text in one file.

import type { InitializeHook, LoadFnOutput, LoadHook, LoadHookContext } from 'node:module';
import type { Replacement } from './mutate.ts';

let mutation: Replacement | undefined;

export const initialize: InitializeHook<Replacement> = (data) => {
  mutation = data;
};

/** The module with its text replaced, if it is the one of the mutation. */
function mutated(url: string, loaded: LoadFnOutput): LoadFnOutput {
  if (url !== mutation?.url) return loaded;
  const { text, replacement } = mutation;
  const source = Buffer.from(loaded.source as Uint8Array).toString();
  return { ...loaded, source: source.replace(text, () => replacement) };
}

export const load: LoadHook = async (url, context, nextLoad) =>
  mutated(url, await nextLoad(url, context));

/** The hooks of `module.registerHooks`, which run in the thread of the program. */
export const syncHooks = {
  load: (
    url: string,
    context: LoadHookContext,
    nextLoad: (url: string, context: LoadHookContext) => LoadFnOutput,
  ): LoadFnOutput => mutated(url, nextLoad(url, context)),
} as const;
