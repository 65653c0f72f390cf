// A thread that is terminated while it loads koffi aborts the whole process: koffi fails to throw into an environment
// that has ended (`Error::ThrowAsJavaScriptException`). Once koffi is loaded, a thread can be terminated at any time.
//
// So call threads load koffi one after the other, and the exit handler of the thread that owns them takes the last
// turn: it waits for one thread to load at most, and no other begins. For owners that are terminated themselves, and
// run no exit handler, there is load-permit.ts.

/** The turns of one owner's threads, in shared memory: `FREE`, `CLOSED`, or the number of the thread whose turn it is. */
export type LoadTurns = Int32Array;

const FREE = 0;
const CLOSED = -1;

/** Loading takes about 10 ms. A thread that needs this long is not awaited any longer, and may abort the process. */
export const LOAD_LIMIT_MS = 10_000;

/** Turns that are free. */
export const makeLoadTurns = (): LoadTurns => new Int32Array(new SharedArrayBuffer(4));

/** Block until it is the turn of the thread `number`, which is positive. `false`: the turns are closed. */
export function takeTurn(turns: LoadTurns, number: number): boolean {
  for (;;) {
    const holder = Atomics.compareExchange(turns, 0, FREE, number);
    if (holder === FREE) return true;
    if (holder === CLOSED) return false;
    Atomics.wait(turns, 0, holder);
  }
}

/** End the turn of the thread `number`, if it is its turn. */
export function endTurn(turns: LoadTurns, number: number): void {
  Atomics.compareExchange(turns, 0, number, FREE);
  Atomics.notify(turns, 0);
}

/** Keep threads from loading koffi from now on. Blocks while one does, `LOAD_LIMIT_MS` at most. */
export function closeTurns(turns: LoadTurns): void {
  const deadline = Date.now() + LOAD_LIMIT_MS;
  while (Date.now() < deadline) {
    const holder = Atomics.compareExchange(turns, 0, FREE, CLOSED);
    if (holder === FREE || holder === CLOSED) return;
    Atomics.wait(turns, 0, holder, deadline - Date.now());
  }
}
