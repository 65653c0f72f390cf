// The output of the programs for one pool.

/** thin_dump of 0.9.0, captured. */
export const DUMP_0_9 = `<superblock uuid="" time="3" transaction="5" flags="0" version="2" data_block_size="128" nr_data_blocks="1000">
  <device dev_id="1" mapped_blocks="10" transaction="2" creation_time="0" snap_time="1">
    <range_mapping origin_begin="0" data_begin="0" length="8" time="0"/>
    <single_mapping origin_block="20" data_block="30" time="1"/>
    <single_mapping origin_block="40" data_block="41" time="1"/>
  </device>
  <device dev_id="7" mapped_blocks="11" transaction="4" creation_time="1" snap_time="1">
    <range_mapping origin_begin="0" data_begin="0" length="8" time="0"/>
    <single_mapping origin_block="20" data_block="30" time="1"/>
    <range_mapping origin_begin="60" data_begin="100" length="2" time="2"/>
  </device>
  <device dev_id="9" mapped_blocks="0" transaction="4" creation_time="1" snap_time="1">
  </device>
</superblock>
`;

/** thin_dump of 1.x, from its source (src/thin/xml.rs, dump.rs): no flags without needs_check, no newline at the end. */
export const DUMP_1_X = `<superblock uuid="" time="3" transaction="5" version="2" data_block_size="128" nr_data_blocks="1000">
  <def name="12">
    <range_mapping origin_begin="0" data_begin="0" length="8" time="0"/>
    <single_mapping origin_block="20" data_block="30" time="1"/>
  </def>
  <device dev_id="1" mapped_blocks="10" transaction="2" creation_time="0" snap_time="1">
    <ref name="12"/>
    <single_mapping origin_block="40" data_block="41" time="1"/>
  </device>
  <device dev_id="7" mapped_blocks="11" transaction="4" creation_time="1" snap_time="1">
    <ref name="12"/>
    <range_mapping origin_begin="60" data_begin="100" length="2" time="2"/>
  </device>
  <device dev_id="9" mapped_blocks="0" transaction="4" creation_time="1" snap_time="1">
  </device>
</superblock>`;

/** thin_delta of 0.9.0, captured. */
export const DELTA_0_9 = `<superblock uuid="" time="3" transaction="5" data_block_size="128" nr_data_blocks="1000">
  <diff left="1" right="7">
    <same begin="0" length="4"/>
    <left_only begin="4" length="2"/>
    <different begin="6" length="2"/>
    <right_only begin="20" length="1"/>
  </diff>
</superblock>
`;

/** thin_delta of 1.x, from its source (src/thin/delta_visitor.rs). */
export const DELTA_1_X: string = DELTA_0_9.replace(
  'transaction="5"',
  'transaction="5" version="2"',
).trimEnd();

/** The document in batches of `size` lines. */
export function piecesOf(document: string, size: number): readonly (readonly string[])[] {
  const lines = document.split('\n');
  return Array.from({ length: Math.ceil(lines.length / size) }, (_, i) =>
    lines.slice(i * size, (i + 1) * size),
  );
}

/** All items of an async iterable. */
export async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
