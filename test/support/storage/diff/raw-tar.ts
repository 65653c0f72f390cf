// Tars written block by block, including invalid ones.

const BLOCK = 512;

/** The fields of a header, written unchanged. */
export interface RawHeader {
  readonly name?: string;
  readonly type?: string;
  readonly linkName?: string;
  readonly mode?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly size?: string;
  readonly mtime?: string;
  readonly major?: string;
  readonly minor?: string;
  readonly prefix?: string;
  readonly magic?: string;
  /** Replaces the valid checksum. */
  readonly checksum?: string;
}

const OFFSETS = {
  name: 0,
  mode: 100,
  uid: 108,
  gid: 116,
  size: 124,
  mtime: 136,
  checksum: 148,
  type: 156,
  linkName: 157,
  magic: 257,
  major: 329,
  minor: 337,
  prefix: 345,
} as const;

const DEFAULTS: RawHeader = {
  type: '0',
  mode: '0000644',
  uid: '0000000',
  gid: '0000000',
  size: '00000000000',
  mtime: '00000000001',
  magic: 'ustar\x0000',
};

/** One header. */
export function header(fields: RawHeader): Buffer {
  const block = Buffer.alloc(BLOCK);
  const all = { ...DEFAULTS, checksum: '        ', ...fields };
  for (const [field, text] of Object.entries(all)) {
    block.write(text, OFFSETS[field as keyof typeof OFFSETS], 'latin1');
  }
  if (fields.checksum === undefined) {
    const sum = block.reduce((a, b) => a + b, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, OFFSETS.checksum, 'latin1');
  }
  return block;
}

const padded = (content: Buffer): Buffer =>
  Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);

/** A header with its content and size. */
export function entry(fields: RawHeader, content: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(content as string, 'latin1');
  const size = bytes.length.toString(8).padStart(11, '0');
  return Buffer.concat([header({ size, ...fields }), padded(bytes)]);
}

/** Records for the next entry. */
export function pax(records: Readonly<Record<string, string>>): Buffer {
  let text = '';
  for (const [key, value] of Object.entries(records)) {
    const rest = Buffer.byteLength(` ${key}=${value}\n`, 'latin1');
    let length = rest;
    while (length !== rest + String(length).length) length = rest + String(length).length;
    text += `${length} ${key}=${value}\n`;
  }
  return entry({ name: 'PaxHeaders/x', type: 'x' }, text);
}

/** The end of a tar. */
export const END: Buffer = Buffer.alloc(2 * BLOCK);

/** Entries without content. */
export const directory = (name: string, fields: RawHeader = {}): Buffer =>
  header({ name, type: '5', mode: '0000755', ...fields });
export const symlink = (name: string, linkName: string): Buffer =>
  header({ name, type: '2', linkName });
export const hardLink = (name: string, linkName: string): Buffer =>
  header({ name, type: '1', linkName });
