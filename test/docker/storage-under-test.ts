// The class that the tests are about, as far as they use it.

/** A layer, as the storage lists it. */
export interface ListedLayer {
  readonly id: string;
  readonly deviceId: number;
  readonly size: bigint;
}

/** What the tests call. */
export interface StorageUnderTest extends AsyncDisposable {
  create(id: string, options?: { readonly parent?: string }): Promise<void>;
  mount(id: string): Promise<string>;
  unmount(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  exists(id: string): boolean;
  layers(): readonly ListedLayer[];
  metadata(id: string): Readonly<Record<'DeviceId' | 'DeviceSize' | 'DeviceName', string>>;
  status(): Promise<readonly (readonly [key: string, value: string])[]>;
  close(): Promise<void>;
  shutdown(): Promise<void>;
}

interface StorageModule {
  readonly DevicemapperStorage: {
    open(options: {
      readonly root: string;
      readonly storageOptions: readonly string[];
    }): Promise<StorageUnderTest>;
  };
}

/** Open the storage of a directory that Docker made. */
export async function openStorage(directory: {
  readonly home: string;
  readonly storageOptions: readonly string[];
}): Promise<StorageUnderTest> {
  const module = new URL('../../src/storage/storage.js', import.meta.url).href;
  const { DevicemapperStorage } = (await import(module)) as StorageModule;
  const { home: root, storageOptions } = directory;
  return DevicemapperStorage.open({ root, storageOptions });
}
