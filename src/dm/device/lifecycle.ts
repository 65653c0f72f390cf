// Operations of more than one command. If a step fails, the earlier steps are rolled back. device-mapper.ts adds the
// locks: only one task at a time changes a device.

import { isDeepStrictEqual } from 'node:util';
import { attempt } from '../../ioctl/input/attempt.ts';
import { pause } from '../../ioctl/input/pause.ts';
import type { DeviceInfo } from '../reply/device-info.ts';
import { makeNode, removeNode } from '../reply/nodes.ts';
import { checkTable, type LoadLine } from '../text/table.ts';
import type { Udev } from '../udev/udev.ts';
import type { Selector } from '../wire/device-ref.ts';
import { type DmError, isDmError, UdevTimeoutError, withHint } from '../wire/errors.ts';
import type { DeviceCommands, DeviceStatus } from './device-commands.ts';
import { diagnoseLoad } from './load-diagnosis.ts';
import type { CallOptions, LoadOptions, RemoveOptions, SuspendOptions } from './options.ts';

/** The pause between two tries to remove a busy device, as in libdevmapper. */
const RETRY_EVERY_MS = 200;

// Hints: the state of the device after a failed resume.
const OLD_LIVE = 'The new table is discarded, and the device runs on its old table again';
const NEW_LIVE =
  'The new table is live nevertheless: check the status of the device, and load the old table to return to it';
const UNKNOWN_LIVE = 'The device runs, on the old table or the new one: check its table';
const SUSPENDED = 'The device is suspended: load a valid table and resume it';

/** The input of `create`, with checked names in the kernel's form. */
export interface CreateRequest extends LoadOptions {
  readonly selector: Selector;
  readonly minor?: number | undefined;
  readonly table?: readonly LoadLine[] | undefined;
}

/** The operations on a device. */
export class Lifecycle {
  readonly #commands: DeviceCommands;
  readonly #udev: Udev;
  readonly #nodesIn: string | undefined;

  /** `nodesIn`: the directory (`/dev`) with the nodes `mapper/NAME` to update, or none. */
  constructor(commands: DeviceCommands, udev: Udev, nodesIn: string | undefined) {
    this.#commands = commands;
    this.#udev = udev;
    this.#nodesIn = nodesIn;
  }

  /** CREATE, and with a table LOAD and RESUME. Removes the device again if those fail. */
  async create(request: CreateRequest): Promise<DeviceInfo> {
    const { selector, minor, table, signal } = request;
    const created = await this.#commands.create(selector, minor, signal);
    if (!table) return created;
    const device: Selector = { dev: created.dev, label: selector.label };
    try {
      await this.load(device, table, request);
      return await this.#resume(device, { signal });
    } catch (error) {
      if (error instanceof UdevTimeoutError) throw error;
      throw await this.#undoCreate(device, error);
    }
  }

  async #undoCreate(selector: Selector, error: unknown): Promise<unknown> {
    try {
      await this.#remove(selector, {});
      return error;
    } catch (undo) {
      if (!isDmError(error) || !isDmError(undo)) return error;
      return withHint(
        error,
        `The incomplete device could not be removed (${undo.code}): remove it`,
      );
    }
  }

  /** LOAD. Diagnoses a failure. */
  async load(
    selector: Selector,
    table: readonly LoadLine[],
    { readOnly = false, signal }: LoadOptions,
  ): Promise<DeviceInfo> {
    try {
      return await this.#commands.load(selector, table, readOnly, signal);
    } catch (error) {
      throw isDmError(error) ? await diagnoseLoad(error, table, this.#commands) : error;
    }
  }

  /**
   * RESUME. Creates the node. If the kernel rejects the table during the swap, the device stays suspended, with the
   * old or the rejected table live. It is then resumed on the old table.
   */
  async resume(selector: Selector, options: SuspendOptions): Promise<DeviceInfo> {
    // Read before the swap, in which the kernel drops the old table. Read only if there is an inactive table: a table
    // may hold keys.
    const { inactive, live } = await this.#commands.info(selector);
    const before =
      inactive && live
        ? await this.#commands.status(selector, 'table', { noFlush: true })
        : undefined;
    return this.#resume(selector, options, before);
  }

  async #resume(
    selector: Selector,
    options: SuspendOptions,
    before?: DeviceStatus,
  ): Promise<DeviceInfo> {
    try {
      return await this.#udev.synchronised(
        selector.label,
        options.signal,
        (eventNr) => this.#commands.resume(selector, options, eventNr),
        (info) => this.#makeNode(info),
      );
    } catch (error) {
      throw isDmError(error) ? await this.#recover(selector, error, before) : error;
    }
  }

  async #recover(
    selector: Selector,
    error: DmError,
    before: DeviceStatus | undefined,
  ): Promise<DmError> {
    const info = await attempt(() => this.#commands.info(selector));
    // The inactive table still exists: the swap was interrupted, and can be retried.
    if (!info?.suspended || info.inactive || !info.live || !before?.info.live) return error;
    const runs =
      (await succeeds(() => this.#resume(selector, {}))) ||
      (await succeeds(async () => {
        const { readOnly } = before.info;
        await this.#commands.load(selector, before.targets, readOnly, undefined);
        return this.#resume(selector, {});
      }));
    return withHint(error, runs ? await this.#liveHint(selector, before) : SUSPENDED);
  }

  /** Checks which table is live: a target may fail its first resume and accept the second. */
  async #liveHint(selector: Selector, before: DeviceStatus): Promise<string> {
    const look = await attempt(() => this.#commands.status(selector, 'table', { noFlush: true }));
    if (look === undefined) return UNKNOWN_LIVE;
    return isDeepStrictEqual(look.targets, before.targets) ? OLD_LIVE : NEW_LIVE;
  }

  /** LOAD and RESUME. If the swap fails, the inactive slot is cleared. */
  async reload(
    selector: Selector,
    table: readonly LoadLine[],
    options: LoadOptions & SuspendOptions,
  ): Promise<DeviceInfo> {
    await this.load(selector, table, options);
    try {
      return await this.resume(selector, options);
    } catch (error) {
      // A device that was removed in the meantime has nothing to clear. The first error is the one to report.
      await attempt(() => this.#commands.clear(selector, undefined));
      throw error;
    }
  }

  /** RENAME of the name. Updates the nodes. */
  async rename(
    from: Selector,
    to: Selector & { readonly name: string },
    { signal }: CallOptions,
  ): Promise<DeviceInfo> {
    const { dev } = await this.#udev.synchronised(
      from.label,
      signal,
      (eventNr) => this.#commands.rename(from, 'name', to.name, eventNr, signal),
      ({ dev, live, mangledName }) => {
        this.#removeNode(mangledName);
        this.#makeNode({ dev, live, mangledName: to.name });
      },
    );
    return this.#commands.info({ dev, label: to.label });
  }

  /** RENAME of the uuid. */
  async setUuid(selector: Selector, uuid: string, { signal }: CallOptions): Promise<DeviceInfo> {
    await this.#udev.synchronised(
      selector.label,
      signal,
      (eventNr) => this.#commands.rename(selector, 'uuid', uuid, eventNr, signal),
      () => undefined,
    );
    return this.#commands.info(selector);
  }

  /** REMOVE, retried while the device is busy, until the timeout. The last try is at the timeout. */
  async remove(
    selector: Selector,
    options: RemoveOptions,
  ): Promise<{ readonly deferred: boolean }> {
    const { force = false, retryMs = 0, signal } = options;
    if (force) await this.#failAllIo(selector, signal);
    const deadline = performance.now() + retryMs;
    for (;;) {
      try {
        return { deferred: (await this.#remove(selector, options)).deferredRemove };
      } catch (error) {
        // Whole milliseconds, like timers. NaN counts as expired.
        const left = Math.ceil(deadline - performance.now());
        if (!isDmError(error, 'EBUSY') || !(left > 0)) throw error;
        await pause(Math.min(RETRY_EVERY_MS, left), signal);
      }
    }
  }

  #remove(
    selector: Selector,
    { deferred = false, signal }: Pick<RemoveOptions, 'deferred' | 'signal'>,
  ): Promise<DeviceInfo> {
    return this.#udev.synchronised(
      selector.label,
      signal,
      (eventNr) => this.#commands.remove(selector, deferred, eventNr, signal),
      ({ deferredRemove, mangledName }) => {
        if (!deferredRemove) this.#removeNode(mangledName);
      },
    );
  }

  /** `dmsetup remove --force`: replaces the table with one error target, without waiting for I/O. */
  async #failAllIo(selector: Selector, signal: AbortSignal | undefined): Promise<void> {
    const { info, targets } = await this.#commands.status(selector, 'table', {
      noFlush: true,
      signal,
    });
    const last = targets.at(-1);
    if (!last) return;
    const table = checkTable([{ length: last.start + last.length, type: 'error' }]);
    await this.load(selector, table, { readOnly: info.readOnly, signal });
    await this.resume(selector, { noFlush: true, skipLockFs: true, signal });
  }

  /** The state of all devices. Skips devices that are removed in the meantime. */
  async everyInfo(): Promise<readonly DeviceInfo[]> {
    const devices = await this.#commands.list();
    const infos = await Promise.all(
      devices.map(({ dev, name }) => this.#infoOrGone({ dev, label: name })),
    );
    return infos.filter((info) => info !== undefined);
  }

  async #infoOrGone(selector: Selector): Promise<DeviceInfo | undefined> {
    try {
      return await this.#commands.info(selector);
    } catch (error) {
      if (isDmError(error, 'ENXIO')) return undefined;
      throw error;
    }
  }

  /** Creates the node of a device with a live table. */
  #makeNode({ live, mangledName, dev }: Pick<DeviceInfo, 'live' | 'mangledName' | 'dev'>): void {
    if (this.#nodesIn !== undefined && live) makeNode(this.#nodesIn, mangledName, dev);
  }

  #removeNode(mangledName: string): void {
    if (this.#nodesIn !== undefined) removeNode(this.#nodesIn, mangledName);
  }
}

/** Whether a rollback step succeeded. A timeout of udev counts as success. */
async function succeeds(step: () => Promise<unknown>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    return error instanceof UdevTimeoutError;
  }
}
