// Sends keys in every kind of request, and prints nothing itself. debug.test.ts runs it with DEBUG set.

import { pathToFileURL } from 'node:url';
import { DeviceMapper } from '../../../src/dm/device/device-mapper.ts';
import { fakeKernel } from '../../../src/testing/index.ts';

/** The key that must not appear in the output. */
export const DEBUG_KEY = '00112233445566778899aabbccddeeff';

async function useKeys(): Promise<void> {
  const refusing = fakeKernel(({ command }) => (command.name === 'DM_TABLE_LOAD' ? 'EINVAL' : {}));
  await using dm = await DeviceMapper.open({ transport: refusing });
  const crypt = { length: 8, type: 'crypt', params: `aes ${DEBUG_KEY} 0 7:0 0` };
  const integrity = {
    length: 8,
    type: 'integrity',
    params: `7:0 0 32 J 1 internal_hash:hmac(sha256):${DEBUG_KEY}`,
  };
  await Promise.allSettled([
    dm.load('a', [crypt, { length: 8, type: 'zero' }]),
    dm.load('a', [integrity]),
    dm.load('a', [{ ...crypt, params: `aes  ${DEBUG_KEY} 0 7:0 0` }]),
    dm.message('a', `key set ${DEBUG_KEY}`),
    dm.rename('a', 'b'),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await useKeys();
