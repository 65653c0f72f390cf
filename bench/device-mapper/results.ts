// The results of the device-mapper calls.

import type { Goal, PeerName } from './operations.ts';

/** What one peer took for one operation. */
export interface PeerFigures {
  readonly peer: PeerName;
  /** Nanoseconds of one operation: the median of each round. */
  readonly rounds: readonly number[];
  /** For one operation, from a trace. */
  readonly ioctls: number;
  /** All system calls of one operation. */
  readonly calls: number;
}

/** What all peers took for one operation. */
export interface OperationFigures {
  readonly title: string;
  readonly goals: readonly Goal[];
  readonly peers: readonly PeerFigures[];
}

/** What one step inside a call costs. */
export interface StepFigures {
  readonly title: string;
  /** Nanoseconds: the median of each round. */
  readonly rounds: readonly number[];
  readonly calls: number;
}

/** One run. */
export interface DeviceMapperResults {
  /** `uname -r` of the guest. */
  readonly kernel: string;
  readonly node: string;
  readonly libdevmapper: string;
  readonly quick: boolean;
  readonly operations: readonly OperationFigures[];
  /** Where the time of a call of the library goes. */
  readonly steps: readonly StepFigures[];
}
