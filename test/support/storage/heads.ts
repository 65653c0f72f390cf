// The first bytes of filesystems: the fields that this library reads.

/** An ext4 filesystem in blocks of 4 KiB. */
export function ext4Head({ uuid, size }: { readonly uuid: string; readonly size: bigint }): Buffer {
  const head = Buffer.alloc(4096);
  const blocks = size / 4096n;
  head.writeUInt32LE(Number(blocks & 0xffff_ffffn), 1024 + 4);
  head.writeUInt32LE(2, 1024 + 24);
  head.writeUInt16LE(0xef53, 1024 + 56);
  head.writeUInt32LE(0x80, 1024 + 96);
  Buffer.from(uuid.replaceAll('-', ''), 'hex').copy(head, 1024 + 104);
  head.writeUInt32LE(Number(blocks >> 32n), 1024 + 336);
  return head;
}
