// Parses the replies of a dust target. Before Linux 5.10 it wrote them to the kernel log. Source: drivers/md/dm-dust.c.

import { isText } from '../../../ioctl/input/checks.ts';
import type { Blocks } from '../../text/units.ts';
import { expectation, ReplyError } from '../../wire/errors.ts';
import { Words } from '../words/words.ts';

const refuse = (field: string, expected: string, received: string): never => {
  throw new ReplyError(`dust reply, ${field}: ${expectation(expected, received)}`, {
    target: 'dust',
  });
};

/** Parses the reply to `queryBlock`: whether the block is marked as bad. @throws ReplyError for any other text */
export function parseDustQuery(text: string): boolean {
  isText(text, 'text');
  const match = /^(?:\w+: )?block \d+ (not )?found in badblocklist\s*$/.exec(text);
  return match ? match[1] === undefined : refuse('query', '"block N found" or "not found"', text);
}

/** Parses the reply to `countBadBlocks`: the number of marked blocks. @throws ReplyError for any other text */
export function parseDustCount(text: string): Blocks {
  isText(text, 'text');
  const match = /^(?:\w+: )?(\S+) badblock\(s\) found\s*$/.exec(text);
  return match
    ? new Words(match[1]!, 'dust reply').u64('count')
    : refuse('count', '"N badblock(s) found"', text);
}

/** Parses the reply to `listBadBlocks`: the marked blocks, ascending. @throws ReplyError for any other text */
export function parseDustList(text: string): readonly Blocks[] {
  isText(text, 'text');
  if (text.trim() === 'No blocks in badblocklist') return [];
  const words = new Words(text.replaceAll('\n', ' '), 'dust reply');
  const blocks: Blocks[] = [];
  while (words.more) blocks.push(words.u64('block'));
  return blocks;
}

/** Parses the reply to `clearBadBlocks`: whether any block was marked. @throws ReplyError for any other text */
export function parseDustClear(text: string): boolean {
  isText(text, 'text');
  const match = /^(?:\w+: )?(no badblocks found|badblocks cleared)\s*$/.exec(text);
  return match
    ? match[1] === 'badblocks cleared'
    : refuse('clear', '"badblocks cleared" or "no badblocks found"', text);
}
