// Listeners for aborts. All listeners for one signal share one listener of the signal itself: Node 20 takes the eleventh for a
// leak, and prints a warning.

interface Shared {
  readonly listeners: Set<() => void>;
  readonly call: () => void;
}

const shared = new WeakMap<AbortSignal, Shared>();

function share(signal: AbortSignal): Shared {
  const listeners = new Set<() => void>();
  const call = (): void => {
    shared.delete(signal);
    for (const listener of listeners) listener();
  };
  const one = { listeners, call };
  shared.set(signal, one);
  signal.addEventListener('abort', call, { once: true });
  return one;
}

/**
 * Calls `listener` at the abort of `signal`, unless the returned function is called before. A signal that is aborted
 * already calls nothing.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  const { listeners, call } = shared.get(signal) ?? share(signal);
  // The same function can be given twice.
  const own = (): void => listener();
  listeners.add(own);
  return () => {
    if (!listeners.delete(own) || listeners.size > 0) return;
    shared.delete(signal);
    signal.removeEventListener('abort', call);
  };
}
