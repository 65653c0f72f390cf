// A transport to the real kernel on which one call fails.

import type { Transport, TransportCall, TransportReply } from '../../../src/index.ts';
import { errnoNumber } from '../../../src/ioctl/libc/errno.ts';
import { type CallName, callName } from './calls.ts';

/**
 * How a call fails: `'refused'`: the kernel does not get it. `'lost'`: the kernel executes it, and the answer is an errno.
 * `'repeated'`: this call and all later ones of its name are refused.
 */
export type FaultMode = 'refused' | 'lost' | 'repeated';

/** The modes, in the order of the table. */
export const MODES: readonly FaultMode[] = ['refused', 'lost', 'repeated'];

/** The call that fails: the one with this number among those of its name, from 0. */
export interface Fault {
  readonly call: CallName;
  readonly number: number;
  readonly errno: string;
  readonly mode: FaultMode;
}

/** A transport that counts its calls and fails one. */
export class FaultyTransport implements Transport {
  readonly #real: Transport;
  readonly openLog: NonNullable<Transport['openLog']>;
  #calls: CallName[] = [];
  #fault: Fault | undefined;

  constructor(real: Transport) {
    this.#real = real;
    this.openLog = () => real.openLog?.();
  }

  /** Begins an operation. @param fault the call that fails; without it the calls are only counted */
  begin(fault?: Fault): void {
    this.#calls = [];
    this.#fault = fault;
  }

  /** Ends the fault. @returns the names of the calls since `begin` */
  end(): readonly CallName[] {
    this.#fault = undefined;
    return [...this.#calls];
  }

  async ioctl(call: TransportCall): Promise<TransportReply> {
    const fault = this.#meet(callName(call));
    if (fault === undefined) return this.#real.ioctl(call);
    const { mode } = fault;
    const { buffer } = mode === 'lost' ? await this.#real.ioctl(call) : call;
    // A signal interrupts a call on a thread, and its caller repeats it. A signal never ends each of many calls.
    const threaded = call.blocks !== 'no' && mode === 'refused';
    return { errno: errnoNumber(fault.errno), buffer, threaded };
  }

  /** Counts a call. @returns the fault that meets it */
  #meet(name: CallName): Fault | undefined {
    const number = this.#calls.filter((earlier) => earlier === name).length;
    this.#calls.push(name);
    const fault = this.#fault;
    if (fault?.call !== name) return undefined;
    const meets = fault.mode === 'repeated' ? number >= fault.number : number === fault.number;
    return meets ? fault : undefined;
  }

  event(signal: AbortSignal | undefined): Promise<void> {
    return this.#real.event(signal);
  }

  close(): void {
    this.#real.close();
  }
}
