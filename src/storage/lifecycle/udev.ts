// What udev does with the devices of a storage.

/** udev creates its links, but does not scan the devices: a scan would hold them open. */
export const STORAGE_UDEV = {
  sync: false,
  flags: ['disable-subsystem-rules', 'disable-disk-rules', 'disable-other-rules'],
} as const;
