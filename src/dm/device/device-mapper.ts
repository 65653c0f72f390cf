// The device mapper as an object. It runs one command at a time per device, keeps the nodes up to date and rolls back
// failed changes.

import { checkFields } from '../../ioctl/input/checks.ts';
import { U64_MAX } from '../../ioctl/struct/record.ts';
import type { DeviceInfo } from '../reply/device-info.ts';
import { hasNode, makeNode, removeNode, syncNodes } from '../reply/nodes.ts';
import type { SecretText } from '../text/secret-text.ts';
import { checkTable, type TargetInput } from '../text/table.ts';
import { sectors } from '../text/units.ts';
import { openUdev } from '../udev/udev.ts';
import { openControlNode } from '../wire/control-node.ts';
import type { DeviceRef, Selector } from '../wire/device-ref.ts';
import { InputError, isDmError } from '../wire/errors.ts';
import { kernelName, kernelUuid } from '../wire/names.ts';
import type { Transport } from '../wire/transport.ts';
import { DeviceQueries } from './device-queries.ts';
import { checkMessage, geometryText } from './input.ts';
import { KeyedLock } from './keyed-lock.ts';
import { Lifecycle } from './lifecycle.ts';
import { CALL, CREATE, LOAD, MESSAGE, OPEN, REMOVE, REMOVE_ALL, SUSPEND } from './option-checks.ts';
import type {
  CallOptions,
  CreateOptions,
  Geometry,
  LoadOptions,
  MessageOptions,
  OpenOptions,
  RemoveOptions,
  SuspendOptions,
} from './options.ts';

/**
 * The device mapper. Every method rejects with a `DmError` if the kernel fails the call, with an `InputError` for
 * invalid input before any system call, and with the signal's reason after an abort.
 */
export class DeviceMapper extends DeviceQueries {
  readonly #lifecycle: Lifecycle;
  readonly #locks = new KeyedLock();
  readonly #nodesIn: string | undefined;

  private constructor(openTransport: () => Transport, options: OpenOptions) {
    const { mangling = 'auto', devDir = '/dev', nodes = true } = options;
    super({ openTransport, naming: { mangling, devDir } });
    // A replacement transport has neither nodes nor udev.
    const real = options.transport === undefined;
    this.#nodesIn = nodes && real ? devDir : undefined;
    const udev = openUdev(real ? options.udev : { sync: false });
    this.#lifecycle = new Lifecycle(this.commands, udev, this.#nodesIn);
  }

  /**
   * Opens the control node and reads the kernel's version.
   * @throws DmError with `syscall: 'open'` if the device mapper or the permission is missing
   */
  static async open(options: OpenOptions = {}): Promise<DeviceMapper> {
    checkFields(options, OPEN);
    const { devDir = '/dev', threads = true, transport } = options;
    const dm = new DeviceMapper(() => transport ?? openControlNode({ devDir, threads }), options);
    try {
      await dm.version();
    } catch (error) {
      dm.close();
      throw error;
    }
    return dm;
  }

  /**
   * Creates a device; with a table also loads and resumes it. If a step fails or is aborted, the device is
   * removed again. EBUSY if the name or uuid is in use.
   */
  async create(name: string, options: CreateOptions = {}): Promise<DeviceInfo> {
    checkFields(options, CREATE);
    const { uuid, minor, signal } = options;
    const selector: Selector = {
      name: kernelName(name, this.naming.mangling),
      ...(uuid !== undefined && { uuid: kernelUuid(uuid, this.naming.mangling) }),
      label: name,
    };
    const table = options.table === undefined ? undefined : checkTable(options.table);
    const task = () => this.#lifecycle.create({ ...options, selector, minor, table });
    return this.#locks.run([selector.name!], task, signal);
  }

  /** Loads a table into the inactive slot; the next resume makes it the live one. */
  async load(
    ref: DeviceRef,
    table: readonly TargetInput[],
    options: LoadOptions = {},
  ): Promise<DeviceInfo> {
    checkFields(options, LOAD);
    const lines = checkTable(table);
    return this.#exclusively(ref, options, (s) => this.#lifecycle.load(s, lines, options));
  }

  /**
   * Replaces the live table: loads and resumes. If the kernel rejects the table, the old one usually stays live. The hint of
   * the error says which table is live, or that the device is suspended.
   */
  async reload(
    ref: DeviceRef,
    table: readonly TargetInput[],
    options: LoadOptions & SuspendOptions = {},
  ): Promise<DeviceInfo> {
    checkFields(options, { ...LOAD, ...SUSPEND });
    const lines = checkTable(table);
    return this.#exclusively(ref, options, (s) => this.#lifecycle.reload(s, lines, options));
  }

  /** Clears the inactive table, if any. */
  async clear(ref: DeviceRef, options: CallOptions = {}): Promise<DeviceInfo> {
    checkFields(options, CALL);
    return this.#exclusively(ref, options, (s) => this.commands.clear(s, options.signal));
  }

  /** Suspends the device: waits for running I/O and queues new I/O. An abort leaves the device running. */
  async suspend(ref: DeviceRef, options: SuspendOptions = {}): Promise<DeviceInfo> {
    checkFields(options, SUSPEND);
    return this.#exclusively(ref, options, (s) => this.commands.suspend(s, options));
  }

  /**
   * Resumes I/O, with the inactive table if one is loaded. If the kernel rejects that table, the device resumes on its old
   * one, if it has one. The hint of the error says which table is live, or that the device is suspended.
   */
  async resume(ref: DeviceRef, options: SuspendOptions = {}): Promise<DeviceInfo> {
    checkFields(options, SUSPEND);
    return this.#exclusively(ref, options, (s) => this.#lifecycle.resume(s, options));
  }

  /** Renames a device. EBUSY if the name is in use. */
  async rename(ref: DeviceRef, newName: string, options: CallOptions = {}): Promise<DeviceInfo> {
    checkFields(options, CALL);
    const to = kernelName(newName, this.naming.mangling, 'newName');
    const from = await this.nameOf(this.select(ref));
    const renamed = { name: to, label: newName };
    const task = () => this.#lifecycle.rename({ name: from, label: from }, renamed, options);
    return this.#locks.run([from, to], task, options.signal);
  }

  /** Sets the uuid of a device without one. EINVAL if it has one: a uuid cannot be changed. */
  async setUuid(ref: DeviceRef, uuid: string, options: CallOptions = {}): Promise<DeviceInfo> {
    checkFields(options, CALL);
    const to = kernelUuid(uuid, this.naming.mangling);
    const name = await this.nameOf(this.select(ref));
    const task = () => this.#lifecycle.setUuid({ name, label: name }, to, options);
    return this.#locks.run([name], task, options.signal);
  }

  /**
   * Removes a device. EBUSY while it is open. With `deferred` the kernel removes an open device when the last holder
   * closes it, and the result has `deferred: true`.
   */
  async remove(
    ref: DeviceRef,
    options: RemoveOptions = {},
  ): Promise<{ readonly deferred: boolean }> {
    checkFields(options, REMOVE);
    return this.#exclusively(ref, options, (s) => this.#lifecycle.remove(s, options));
  }

  /** Removes every device that is not open; with `deferred` the others when closed. Cannot be aborted once started. */
  async removeAll(options: CallOptions & { readonly deferred?: boolean } = {}): Promise<void> {
    checkFields(options, REMOVE_ALL);
    await this.commands.removeAll(options.deferred ?? false, options.signal);
    await this.makeNodes();
  }

  /** Cancels a deferred removal. */
  async cancelDeferredRemove(ref: DeviceRef, options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    await this.message(ref, '@cancel_deferred_remove', { ...options, core: true });
  }

  /** Sends a message to a target. Returns its reply, if any. */
  async message(
    ref: DeviceRef,
    text: string | SecretText,
    options: MessageOptions = {},
  ): Promise<string | undefined> {
    checkFields(options, MESSAGE);
    const { core = false, signal } = options;
    const sector = sectors(options.sector === undefined ? 0n : options.sector, 'sector');
    if (sector > U64_MAX) {
      throw new InputError({ field: 'sector', expected: `at most ${U64_MAX}`, received: sector });
    }
    checkMessage(text, core);
    return this.#exclusively(ref, options, (s) => this.commands.message(s, sector, text, signal));
  }

  /** Sets the geometry that the device reports. */
  async setGeometry(ref: DeviceRef, geometry: Geometry, options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    const text = geometryText(geometry);
    await this.#exclusively(ref, options, (s) => this.commands.setGeometry(s, text));
  }

  /** Updates the nodes in `/dev/mapper`: creates missing ones, removes stale ones. */
  async makeNodes(): Promise<void> {
    const devices = (await this.#lifecycle.everyInfo()).filter(({ live }) => live);
    if (this.#nodesIn !== undefined) syncNodes(this.#nodesIn, devices);
  }

  /**
   * Updates the node of one device: creates that of a live device, removes that of a name without a device.
   * @throws DmError ENXIO if neither a device nor a node has this name
   */
  async makeNode(name: string): Promise<void> {
    const directory = this.#nodesIn;
    try {
      const { mangledName, dev, live } = await this.info(name);
      if (live && directory !== undefined) makeNode(directory, mangledName, dev);
    } catch (error) {
      if (!isDmError(error, 'ENXIO') || directory === undefined) throw error;
      const kernels = kernelName(name, this.naming.mangling);
      if (!hasNode(directory, kernels)) throw error;
      removeNode(directory, kernels);
    }
  }

  /** Runs a task while no other task of this object changes the same device. */
  async #exclusively<T>(
    ref: DeviceRef,
    { signal }: CallOptions,
    task: (selector: Selector) => Promise<T>,
  ): Promise<T> {
    const selector = this.select(ref);
    return this.#locks.run([await this.nameOf(selector)], () => task(selector), signal);
  }
}
