// LVM names its devices GROUP-VOLUME or GROUP-VOLUME-LAYER, and doubles a hyphen within a part.

import { checkFields, isText } from '../../ioctl/input/checks.ts';

/** The parts of an LVM device's name; missing parts are empty. */
export interface LvmName {
  readonly volumeGroup: string;
  readonly logicalVolume: string;
  /** `'real'`, `'tpool'`, `'cow'`, … */
  readonly layer: string;
}

/** Splits at the first single hyphen. A hyphen at the end does not split. */
function split(text: string): readonly [part: string, rest: string] {
  for (let at = text.indexOf('-'); at !== -1; at = text.indexOf('-', at)) {
    if (at === text.length - 1) break;
    if (text[at + 1] !== '-') return [text.slice(0, at), text.slice(at + 1)];
    at += 2;
  }
  return [text, ''];
}

const unquote = (part: string): string => part.replaceAll('--', '-');

/** Splits a name as `dmsetup splitname` does. Drops everything after the third part. */
export function splitLvmName(name: string): LvmName {
  isText(name, 'name');
  const [group, rest] = split(name);
  const [volume, more] = split(rest);
  const [layer] = split(more);
  return {
    volumeGroup: unquote(group),
    logicalVolume: unquote(volume),
    layer: unquote(layer),
  };
}

/** Joins the parts into a device name, without an empty layer. */
export function joinLvmName(parts: LvmName): string {
  const fields = ['volumeGroup', 'logicalVolume', 'layer'] as const;
  const checks = { volumeGroup: isText, logicalVolume: isText, layer: isText };
  checkFields(parts, checks, fields, 'parts');
  const { volumeGroup, logicalVolume, layer } = parts;
  return [volumeGroup, logicalVolume, ...(layer === '' ? [] : [layer])]
    .map((part) => part.replaceAll('-', '--'))
    .join('-');
}
