// Runs all peers of one guest in turn: measures their operations, and counts their system calls.

import { median } from '../../statistics.ts';
import type { Operation } from '../operations.ts';
import type { Peer } from '../peers.ts';
import type { OperationFigures, PeerFigures } from '../results.ts';
import { PeerProcess } from './peer-process.ts';
import { TracedPeer } from './trace.ts';

/** How many operations a trace has, at most. */
const TRACED = 4;

/** What a peer did. */
interface Measured {
  readonly title: string;
  readonly rounds: readonly number[];
  /** The number of the line below strace, and how many operations it had. */
  readonly line: number;
  readonly traced: number;
}

/** The operations of one peer. */
interface Racer {
  readonly peer: Peer;
  readonly process: PeerProcess;
  readonly traced: TracedPeer;
  /** The measured operations of this peer. */
  readonly done: Measured[];
}

/** The peers, which run until `results`. */
export class Contest {
  readonly #racers: readonly Racer[];
  readonly #helper: PeerProcess;
  readonly #operations: Operation[] = [];

  /** `helper`: the raw peer that prepares and removes devices for the others. */
  constructor(peers: readonly Peer[], helper: PeerProcess) {
    this.#helper = helper;
    this.#racers = peers.map((peer) => ({
      peer,
      process: new PeerProcess(peer.command),
      traced: new TracedPeer(peer.command),
      done: [],
    }));
  }

  /** Measures an operation in rounds, in each of which another peer is the first. @returns a line about it */
  async measure(operation: Operation, rounds: number): Promise<string> {
    if (operation.devices > 0) await this.#helper.ask(`make_empty ${operation.devices}`);
    this.#operations.push(operation);
    const racers = this.#racers.filter(({ peer }) => peer.line(operation, 1) !== undefined);
    const medians = new Map<Racer, number[]>(racers.map((racer) => [racer, []]));
    for (const racer of racers) {
      if (!racer.peer.isProcess) await this.#samples(operation, racer, operation.warmUp);
    }
    for (let round = 0; round < rounds; round++) {
      for (const at of racers.keys()) {
        const racer = racers[(at + round) % racers.length]!;
        medians
          .get(racer)!
          .push(Math.round(median(await this.#samples(operation, racer, operation.samples))));
      }
    }
    for (const racer of racers) {
      const trace = await this.#trace(operation, racer);
      racer.done.push({ title: operation.title, rounds: medians.get(racer)!, ...trace });
    }
    const times = racers.map(
      (racer) => `${racer.peer.name} ${Math.round(median(medians.get(racer)!) / 1000)} µs`,
    );
    return `${operation.title}: ${times.join(', ')}`;
  }

  /** The nanoseconds of each of some operations; of a process, of one. */
  #samples(
    operation: Operation,
    { peer, process }: Racer,
    times: number,
  ): Promise<readonly number[]> {
    const samples = peer.isProcess ? 1 : times;
    return this.#around(operation, samples, () => process.ask(peer.line(operation, samples)!));
  }

  /** Does an operation below strace; a program does it twice, because the first time starts threads. */
  async #trace(
    operation: Operation,
    { peer, traced }: Racer,
  ): Promise<Pick<Measured, 'line' | 'traced'>> {
    const samples = peer.isProcess ? 1 : Math.min(TRACED, operation.samples);
    const once = (): Promise<number> =>
      this.#around(operation, samples, () => traced.ask(peer.line(operation, samples)!));
    const first = await once();
    return { line: peer.isProcess ? first : await once(), traced: samples };
  }

  /** Does `task` between the steps that prepare and remove a device for each sample. */
  async #around<T>(
    { before, after }: Operation,
    samples: number,
    task: () => Promise<T>,
  ): Promise<T> {
    for (const step of before) await this.#helper.ask(`${step} ${samples}`);
    const result = await task();
    for (const step of after) await this.#helper.ask(`${step} ${samples}`);
    return result;
  }

  /** Ends all peers. @returns the figures of each operation */
  async results(): Promise<readonly OperationFigures[]> {
    const figures = new Map<Racer, ReadonlyMap<string, PeerFigures>>();
    for (const racer of this.#racers) {
      await racer.process[Symbol.asyncDispose]();
      const counts = await racer.traced.end();
      const byTitle = racer.done.map(({ title, rounds, line, traced }) => {
        const { ioctls, calls } = counts[line]!;
        const each = { ioctls: ioctls / traced, calls: Math.round(calls / traced) };
        return [title, { peer: racer.peer.name, rounds, ...each }] as const;
      });
      figures.set(racer, new Map(byTitle));
    }
    return this.#operations.map(({ title, goals }) => ({
      title,
      goals,
      peers: this.#racers.flatMap((racer) => figures.get(racer)!.get(title) ?? []),
    }));
  }
}
