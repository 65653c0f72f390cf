// The queries of the device mapper. None of them changes a device.

import { checkFields } from '../../ioctl/input/checks.ts';
import type { DeviceEntry, DeviceInfo, NamingContext } from '../reply/device-info.ts';
import type { TargetVersion } from '../reply/replies.ts';
import { checkType } from '../text/table.ts';
import type { Version } from '../wire/abi.ts';
import { Control } from '../wire/control.ts';
import { type DeviceRef, type Selector, selectorOf } from '../wire/device-ref.ts';
import { isDmError } from '../wire/errors.ts';
import type { Transport } from '../wire/transport.ts';
import { DeviceCommands, type DeviceStatus } from './device-commands.ts';
import { checkEventNr } from './input.ts';
import { CALL, INFO, STATUS, WAIT } from './option-checks.ts';
import type { CallOptions, StatusOptions } from './options.ts';
import type { TypedStatus } from './typed-line.ts';
import { type DeviceEvent, wakeups, watchDevices } from './watch.ts';

/** The transport, and the mangling of names. */
export interface Connection {
  readonly openTransport: () => Transport;
  readonly naming: NamingContext;
}

/** The queries of a {@link DeviceMapper}. They change no device, and do not wait for its running changes. */
export abstract class DeviceQueries implements AsyncDisposable {
  protected readonly commands: DeviceCommands;
  protected readonly naming: NamingContext;
  readonly #control: Control;
  readonly #openTransport: () => Transport;

  protected constructor({ openTransport, naming }: Connection) {
    this.#openTransport = openTransport;
    this.naming = naming;
    this.#control = new Control(openTransport());
    this.commands = new DeviceCommands(this.#control, naming);
  }

  /** Closes the control node. Devices are unchanged. */
  close(): void {
    this.#control.close();
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** The kernel's interface version: `[4, 48, 0]`. */
  version(): Promise<Version> {
    return this.commands.version();
  }

  /** All devices, sorted by name. */
  list(): Promise<readonly DeviceEntry[]> {
    return this.commands.list();
  }

  /** The target types that the kernel has loaded, newest first. */
  targets(): Promise<readonly TargetVersion[]> {
    return this.commands.targets();
  }

  /** The version of a target type. Loads its module if needed. EINVAL if the type does not exist. */
  async targetVersion(type: string): Promise<TargetVersion> {
    const found = await this.commands.targetVersion(checkType(type, 'type'));
    // An empty reply has no version.
    return found ?? { name: type, version: [0, 0, 0] };
  }

  /** The state of a device. ENXIO if it does not exist. */
  async info(ref: DeviceRef, options: { readonly inactive?: boolean } = {}): Promise<DeviceInfo> {
    checkFields(options, INFO);
    return this.commands.info(this.select(ref), options.inactive);
  }

  /** Whether the device exists. */
  async exists(ref: DeviceRef): Promise<boolean> {
    try {
      await this.info(ref);
      return true;
    } catch (error) {
      if (isDmError(error, 'ENXIO')) return false;
      throw error;
    }
  }

  /**
   * The info of a device and the status of each of its targets. The status is text. For a typed target, `record` has its
   * fields: see `hasStatus`. Without `noFlush` a pool commits its metadata first.
   */
  async status(ref: DeviceRef, options: StatusOptions = {}): Promise<TypedStatus> {
    checkFields(options, STATUS);
    return withRecords(
      await this.commands.status(this.select(ref), 'status', options),
      'parseStatus',
    );
  }

  /**
   * The table of a device. Each line is text. For a typed target, `record` has its fields: see `hasParams`. Keys in `params`
   * are in plain text. `JSON.stringify` and `console.log` of a line show zeros instead. A copy of a line by spread shows the
   * key: see `hideKeys`.
   */
  async table(ref: DeviceRef, options: StatusOptions = {}): Promise<TypedStatus> {
    checkFields(options, STATUS);
    return withRecords(
      await this.commands.status(this.select(ref), 'table', options),
      'parseParams',
    );
  }

  /** What each target reports to the integrity measurement architecture (IMA). Linux 5.13 or newer. */
  async ima(ref: DeviceRef, options: StatusOptions = {}): Promise<DeviceStatus> {
    checkFields(options, STATUS);
    return this.commands.status(this.select(ref), 'ima', options);
  }

  /** The numbers of the devices that the table of a device uses. */
  async deps(
    ref: DeviceRef,
    options: { readonly inactive?: boolean } = {},
  ): Promise<readonly bigint[]> {
    checkFields(options, INFO);
    return this.commands.deps(this.select(ref), options.inactive ?? false);
  }

  /**
   * Waits until the device's event counter differs from `eventNr`, by default the current one.
   * Without a signal only an event, a rename or a removal ends the wait.
   */
  async wait(
    ref: DeviceRef,
    options: StatusOptions & { readonly eventNr?: number } = {},
  ): Promise<DeviceStatus> {
    checkFields(options, WAIT);
    const selector = this.select(ref);
    const { eventNr = (await this.commands.info(selector)).eventNr } = options;
    return this.commands.wait(selector, checkEventNr(eventNr), options);
  }

  /**
   * Yields device events from now on: `for await (const event of dm.watch({ signal }))`. It uses one
   * descriptor of its own, no thread and no timer. After an abort of `signal` it throws the reason.
   */
  async *watch(options: CallOptions = {}): AsyncGenerator<DeviceEvent, void, void> {
    checkFields(options, CALL);
    using node = this.#ownNode();
    yield* watchDevices(node.commands, node.transport, options.signal);
  }

  /**
   * Yields once immediately, and then after each event of any device, for callers that query the devices themselves.
   * Events during an iteration are not lost. It uses one descriptor, no thread and no timer, and ends like `watch`.
   */
  async *wakeups(options: CallOptions = {}): AsyncGenerator<undefined, void, void> {
    checkFields(options, CALL);
    using node = this.#ownNode();
    yield* wakeups(node.commands, node.transport, options.signal);
  }

  /** Opens a second descriptor: each descriptor of the control node tracks its own reported events. */
  #ownNode() {
    const transport = this.#openTransport();
    const commands = new DeviceCommands(new Control(transport), this.naming);
    return { transport, commands, [Symbol.dispose]: () => transport.close() };
  }

  /** Discards past events: `poll` on the control node then reports only new ones. */
  armPoll(): Promise<void> {
    return this.commands.armPoll();
  }

  /** The kernel's name, uuid or number of a device. */
  protected select(ref: DeviceRef): Selector {
    return selectorOf(ref, this.naming.mangling);
  }

  /** The name of a device, as the kernel has it. */
  protected async nameOf(selector: Selector): Promise<string> {
    return selector.name ?? (await this.commands.info(selector)).mangledName;
  }
}

/**
 * Parses the text of each target into its record. The target types are many modules. The function loads them on demand,
 * because a program that requests no record does not need them.
 * @param read `parseParams` for a table, `parseStatus` for a status
 * @returns the same targets with their records; the `problem` of a target is the error of its parser
 */
async function withRecords(
  { info, targets }: DeviceStatus,
  read: 'parseParams' | 'parseStatus',
): Promise<TypedStatus> {
  const { typeLines } = await import('./parse-lines.ts');
  return { info, targets: typeLines(info.name, targets, read) };
}
