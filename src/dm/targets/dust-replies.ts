// What a dust target answers. Source: drivers/md/dm-dust.c, since Linux 5.10; before, it answered into the
// kernel log.

import { isText } from '../../ioctl/checks.ts';
import { expectation, ReplyError } from '../errors.ts';
import type { Blocks } from '../units.ts';
import { Words } from './words.ts';

const refuse = (field: string, expected: string, received: string): never => {
  throw new ReplyError(`dust reply, ${field}: ${expectation(expected, received)}`, {
    target: 'dust',
  });
};

/** The answer to `queryBlock`: whether the block is marked as bad. @throws ReplyError for another text */
export function parseDustQuery(text: string): boolean {
  isText(text, 'text');
  const match = /^(?:\w+: )?block \d+ (not )?found in badblocklist\s*$/.exec(text);
  return match ? match[1] === undefined : refuse('query', '"block N found" or "not found"', text);
}

/** The answer to `countBadBlocks`: how many are marked. @throws ReplyError for another text */
export function parseDustCount(text: string): Blocks {
  isText(text, 'text');
  const match = /^(?:\w+: )?(\S+) badblock\(s\) found\s*$/.exec(text);
  return match
    ? new Words(match[1]!, 'dust reply').u64('count')
    : refuse('count', '"N badblock(s) found"', text);
}

/** The answer to `listBadBlocks`: the blocks that are marked, ascending. @throws ReplyError for another text */
export function parseDustList(text: string): readonly Blocks[] {
  isText(text, 'text');
  if (text.trim() === 'No blocks in badblocklist') return [];
  const words = new Words(text.replaceAll('\n', ' '), 'dust reply');
  const blocks: Blocks[] = [];
  while (words.more) blocks.push(words.u64('block'));
  return blocks;
}

/** The answer to `clearBadBlocks`: whether there was any. @throws ReplyError for another text */
export function parseDustClear(text: string): boolean {
  isText(text, 'text');
  const match = /^(?:\w+: )?(no badblocks found|badblocks cleared)\s*$/.exec(text);
  return match
    ? match[1] === 'badblocks cleared'
    : refuse('clear', '"badblocks cleared" or "no badblocks found"', text);
}
