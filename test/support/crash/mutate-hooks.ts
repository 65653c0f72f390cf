// The hooks of the module loader that replace a text in one file.

import type { InitializeHook, LoadHook } from 'node:module';
import type { Replacement } from './mutate.ts';

let mutation: Replacement | undefined;

export const initialize: InitializeHook<Replacement> = (data) => {
  mutation = data;
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (url !== mutation?.url) return loaded;
  const { text, replacement } = mutation;
  const source = Buffer.from(loaded.source as Uint8Array).toString();
  return { ...loaded, source: source.replace(text, () => replacement) };
};
