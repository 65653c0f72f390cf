// One method per command of the control node: a request and its parsed reply. device-mapper.ts adds locks, nodes
// and retries.

import {
  type DeviceEntry,
  type DeviceInfo,
  deviceEntry,
  deviceInfo,
  type NamingContext,
} from '../reply/device-info.ts';
import {
  parseDeps,
  parseMessageText,
  parseNames,
  parseTargets,
  parseVersions,
  type TargetVersion,
} from '../reply/replies.ts';
import { encodedLength, encodeText, type SecretText, writeEncoded } from '../text/secret-text.ts';
import { hideKeys, hideMessageKey, holdsKey, mayHoldKey } from '../text/secrets.ts';
import { encodeTable, formatTable, type LoadLine, type TableLine } from '../text/table.ts';
import type { Sectors } from '../text/units.ts';
import { dmTargetMsg, type Version } from '../wire/abi.ts';
import { Dm } from '../wire/commands.ts';
import type { Control, DmReply } from '../wire/control.ts';
import { makeDev } from '../wire/device-number.ts';
import type { Selector } from '../wire/device-ref.ts';
import { DmFlag } from '../wire/flags.ts';
import type { StatusOptions, SuspendOptions } from './options.ts';

/** Which of a target's three texts a query requests. */
export type StatusKind = 'status' | 'table' | 'ima';

/** The state of a device and the texts of its targets, from one reply. */
export interface DeviceStatus {
  readonly info: DeviceInfo;
  readonly targets: readonly TableLine[];
}

const KIND_FLAGS: Readonly<Record<StatusKind, number>> = {
  status: 0,
  table: DmFlag.STATUS_TABLE,
  ima: DmFlag.IMA_MEASUREMENT,
};

const when = (condition: boolean | undefined, flag: number): number => (condition ? flag : 0);

const cString = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1');

const statusFlags = (kind: StatusKind, { noFlush, inactive }: StatusOptions): number =>
  KIND_FLAGS[kind] | when(noFlush, DmFlag.NOFLUSH) | when(inactive, DmFlag.QUERY_INACTIVE_TABLE);

const suspendFlags = ({ noFlush, skipLockFs }: SuspendOptions): number =>
  when(noFlush, DmFlag.NOFLUSH) | when(skipLockFs, DmFlag.SKIP_LOCKFS);

/** The commands of the control node. Every method throws the errors of `Control.send`. */
export class DeviceCommands {
  readonly #control: Control;
  readonly #context: NamingContext;

  constructor(control: Control, context: NamingContext) {
    this.#control = control;
    this.#context = context;
  }

  #info({ header }: DmReply): DeviceInfo {
    return deviceInfo(header, this.#context);
  }

  /** DM_VERSION */
  async version(): Promise<Version> {
    return (await this.#control.send(Dm.VERSION)).header.version;
  }

  /** DM_REMOVE_ALL */
  async removeAll(deferred: boolean, signal: AbortSignal | undefined): Promise<void> {
    await this.#control.send(Dm.REMOVE_ALL, {
      flags: when(deferred, DmFlag.DEFERRED_REMOVE),
      signal,
    });
  }

  /** DM_LIST_DEVICES */
  async list(): Promise<readonly DeviceEntry[]> {
    const { data } = await this.#control.send(Dm.LIST_DEVICES, { flags: DmFlag.UUID });
    return parseNames(data).map((record) => deviceEntry(record, this.#context));
  }

  /** DM_DEV_CREATE: a device without a table. */
  async create(
    selector: Selector,
    minor: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<DeviceInfo> {
    const request =
      minor === undefined
        ? { selector, signal }
        : {
            selector: { ...selector, dev: makeDev(0, minor) },
            flags: DmFlag.PERSISTENT_DEV,
            signal,
          };
    return this.#info(await this.#control.send(Dm.DEV_CREATE, request));
  }

  /** DM_DEV_REMOVE. `deferredRemove` of the result: the kernel removes the device when the last holder closes it. */
  async remove(
    selector: Selector,
    deferred: boolean,
    eventNr: number,
    signal: AbortSignal | undefined,
  ): Promise<DeviceInfo> {
    return this.#info(
      await this.#control.send(Dm.DEV_REMOVE, {
        selector,
        flags: when(deferred, DmFlag.DEFERRED_REMOVE),
        eventNr,
        signal,
      }),
    );
  }

  /** DM_DEV_RENAME: changes the name, or sets the uuid. The selector must be a name; the reply has the old one. */
  async rename(
    selector: Selector,
    what: 'name' | 'uuid',
    to: string,
    eventNr: number,
    signal: AbortSignal | undefined,
  ): Promise<DeviceInfo> {
    return this.#info(
      await this.#control.send(Dm.DEV_RENAME, {
        selector,
        flags: when(what === 'uuid', DmFlag.UUID),
        eventNr,
        payload: cString(to),
        detail: () => `${what} -> ${to}`,
        signal,
      }),
    );
  }

  /** DM_DEV_SUSPEND with the suspend flag. */
  async suspend(selector: Selector, options: SuspendOptions): Promise<DeviceInfo> {
    return this.#info(
      await this.#control.send(Dm.DEV_SUSPEND, {
        selector,
        flags: DmFlag.SUSPEND | suspendFlags(options),
        signal: options.signal,
      }),
    );
  }

  /** DM_DEV_SUSPEND without the suspend flag: resumes, and makes an inactive table the live one. */
  async resume(selector: Selector, options: SuspendOptions, eventNr: number): Promise<DeviceInfo> {
    return this.#info(
      await this.#control.send(Dm.DEV_SUSPEND, {
        selector,
        flags: suspendFlags(options),
        eventNr,
        signal: options.signal,
      }),
    );
  }

  /** DM_DEV_STATUS */
  async info(selector: Selector, inactive = false): Promise<DeviceInfo> {
    return this.#info(
      await this.#control.send(Dm.DEV_STATUS, {
        selector,
        flags: when(inactive, DmFlag.QUERY_INACTIVE_TABLE),
      }),
    );
  }

  /** DM_DEV_WAIT */
  async wait(selector: Selector, eventNr: number, options: StatusOptions): Promise<DeviceStatus> {
    const reply = await this.#control.send(Dm.DEV_WAIT, {
      selector,
      eventNr,
      flags: statusFlags('status', options),
      signal: options.signal,
    });
    return { info: this.#info(reply), targets: parseTargets(reply.data, reply.header.targetCount) };
  }

  /** DM_TABLE_LOAD into the inactive slot. */
  async load(
    selector: Selector,
    table: readonly LoadLine[],
    readOnly: boolean,
    signal: AbortSignal | undefined,
  ): Promise<DeviceInfo> {
    const secure = table.some(mayHoldKey);
    return this.#info(
      await this.#control.send(Dm.TABLE_LOAD, {
        selector,
        flags: when(readOnly, DmFlag.READONLY) | when(secure, DmFlag.SECURE_DATA),
        targetCount: table.length,
        payload: encodeTable(table),
        detail: () => `[${formatTable(table.map(hideKeys)).replaceAll('\n', ', ')}]`,
        signal,
      }),
    );
  }

  /** DM_TABLE_CLEAR */
  async clear(selector: Selector, signal: AbortSignal | undefined): Promise<DeviceInfo> {
    return this.#info(await this.#control.send(Dm.TABLE_CLEAR, { selector, signal }));
  }

  /** DM_TABLE_DEPS */
  async deps(selector: Selector, inactive: boolean): Promise<readonly bigint[]> {
    const { data } = await this.#control.send(Dm.TABLE_DEPS, {
      selector,
      flags: when(inactive, DmFlag.QUERY_INACTIVE_TABLE),
    });
    return parseDeps(data);
  }

  /** DM_TABLE_STATUS */
  async status(
    selector: Selector,
    kind: StatusKind,
    options: StatusOptions,
  ): Promise<DeviceStatus> {
    const reply = await this.#control.send(Dm.TABLE_STATUS, {
      selector,
      flags: statusFlags(kind, options),
      // Only a flush makes a target write before it replies.
      blocks: options.noFlush ? 'no' : undefined,
      signal: options.signal,
    });
    return { info: this.#info(reply), targets: parseTargets(reply.data, reply.header.targetCount) };
  }

  /** DM_LIST_VERSIONS */
  async targets(): Promise<readonly TargetVersion[]> {
    return parseVersions((await this.#control.send(Dm.LIST_VERSIONS)).data);
  }

  /** DM_GET_TARGET_VERSION */
  async targetVersion(type: string): Promise<TargetVersion | undefined> {
    const selector = { name: type, label: type };
    return parseVersions((await this.#control.send(Dm.GET_TARGET_VERSION, { selector })).data)[0];
  }

  /** DM_TARGET_MSG. Returns the text of the reply, if any. */
  async message(
    selector: Selector,
    sector: Sectors,
    text: string | SecretText,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const encoded = encodeText(text);
    const payload = Buffer.alloc(dmTargetMsg.size + encodedLength(encoded) + 1);
    dmTargetMsg.encodeInto({ sector }, payload);
    writeEncoded(encoded, payload, dmTargetMsg.size);
    const { header, data } = await this.#control.send(Dm.TARGET_MSG, {
      selector,
      flags: when(holdsKey(text), DmFlag.SECURE_DATA),
      payload,
      detail: () => `@${sector} ${hideMessageKey(String(text))}`,
      signal,
    });
    return (header.flags & DmFlag.DATA_OUT) === 0 ? undefined : parseMessageText(data);
  }

  /** DM_DEV_SET_GEOMETRY */
  async setGeometry(selector: Selector, geometry: string): Promise<void> {
    await this.#control.send(Dm.DEV_SET_GEOMETRY, { selector, payload: cString(geometry) });
  }

  /** DM_DEV_ARM_POLL */
  async armPoll(): Promise<void> {
    await this.#control.send(Dm.DEV_ARM_POLL);
  }
}
