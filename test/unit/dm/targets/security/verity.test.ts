import { type VerityParams, verity } from '../../../../../src/dm/targets/security/verity.ts';
import { anyVerity } from '../../../../support/arbitraries/targets/verity.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const ROOT = '4392712ba01368efdf14b05c76f9e4df0d53664630b5d48632ed17a137f39076';
const params: VerityParams = {
  version: 1,
  dataDevice: '7:0',
  hashDevice: '7:1',
  dataBlockSize: 4096,
  hashBlockSize: 4096,
  dataBlocks: 16n,
  hashStart: 0n,
  algorithm: 'sha256',
  rootHash: ROOT,
  salt: '00112233',
};
const HEAD = `1 7:0 7:1 4096 4096 16 0 sha256 ${ROOT} 00112233`;
const fec = { device: '7:2', blocks: 18n, start: 1n, roots: 2 };
const FEC = 'use_fec_from_device 7:2 fec_blocks 18 fec_start 1 fec_roots 2';
const { salt: _, ...unsalted } = params;

testRows(verity, {
  params: [
    [HEAD, params],
    [`1 7:0 7:1 4096 4096 16 0 sha256 ${ROOT} -`, unsalted],
    // Captured: Linux 7.3.
    [
      `${HEAD} 2 restart_on_corruption ignore_zero_blocks`,
      { ...params, onCorruption: 'restart', ignoreZeroBlocks: true },
    ],
    [
      `${HEAD} 15 panic_on_corruption restart_on_error ignore_zero_blocks check_at_most_once try_verify_in_tasklet ${FEC} root_hash_sig_key_desc my:key`,
      {
        ...params,
        onCorruption: 'panic',
        onError: 'restart',
        ignoreZeroBlocks: true,
        checkAtMostOnce: true,
        fec,
        tryVerifyInTasklet: true,
        rootHashSigKeyDesc: 'my:key',
      },
    ],
    [`${HEAD} 2 ignore_corruption new`, { ...params, onCorruption: 'ignore', extra: ['new'] }],
    [`${HEAD} 1 panic_on_error`, { ...params, onError: 'panic' }],
  ],
  read: [
    [`${HEAD} 0`, params],
    [
      `${HEAD} 2 Ignore_Zero_Blocks RESTART_ON_CORRUPTION`,
      { ...params, onCorruption: 'restart', ignoreZeroBlocks: true },
    ],
    [`${HEAD} 8 fec_roots 2 fec_start 1 use_fec_from_device 7:2 fec_blocks 18`, { ...params, fec }],
  ],
  written: [
    [
      { dataDevice: '7:0', hashDevice: '7:1', dataBlocks: 16, rootHash: ROOT.toUpperCase() },
      `1 7:0 7:1 4096 4096 16 0 sha256 ${ROOT} -`,
    ],
  ],
  noParams: [
    ['1 7:0 7:1 4096 4096 16 0 sha256 aa', 'verity, salt (word 10): expected a word'],
    [`${HEAD} 1 fec_roots`, 'verity, fec_roots (word 13): expected a word'],
    [
      `${HEAD} 4 fec_roots 2 fec_start 0`,
      'verity, error correction (word 15): expected use_fec_from_device, fec_blocks, fec_start, fec_roots, got',
    ],
    [`${HEAD} 3 ignore_corruption`, 'verity, option count (word 11): expected'],
  ],
  notWritten: [
    [{ ...params, version: 2 as never }, 'verity.version: expected 0 or 1, got 2'],
    [{ ...params, dataDevice: 'sda' }, 'verity.dataDevice: expected a path'],
    [{ ...params, hashDevice: '' }, 'verity.hashDevice: expected a path'],
    [{ ...params, dataBlockSize: 1000 }, 'verity.dataBlockSize: expected a power of two'],
    [{ ...params, hashBlockSize: 256 }, 'verity.hashBlockSize: expected a power of two'],
    [{ ...params, dataBlocks: -1 }, 'verity.dataBlocks: expected'],
    [
      { ...params, rootHash: 'abc' },
      'verity.rootHash: expected hexadecimal digits, two per byte, got "abc"',
    ],
    [{ ...params, salt: '' }, 'verity.salt: expected hexadecimal digits'],
    [
      { ...params, onCorruption: 'reboot' as never },
      'verity.onCorruption: expected ignore or restart or panic, got "reboot"',
    ],
    [
      { ...params, onError: 'ignore' as never },
      'verity.onError: expected restart or panic, got "ignore"',
    ],
    [
      { ...params, fec: { ...fec, roots: 1 } },
      'verity.fec.roots: expected an integer from 2 to 24, got 1',
    ],
    [{ ...params, fec: { ...fec, device: 'x' } }, 'verity.fec.device: expected a path'],
    [{ ...params, rootHashSigKeyDesc: 'a b' }, 'verity.rootHashSigKeyDesc: expected one word'],
  ],
  status: [
    ['V', { valid: true, corrected: undefined, extra: [] }],
    ['C', { valid: false, corrected: undefined, extra: [] }],
    ['V -', { valid: true, corrected: undefined, extra: [] }],
    ['C 12', { valid: false, corrected: 12n, extra: [] }],
    ['V - new', { valid: true, corrected: undefined, extra: ['new'] }],
  ],
  noStatus: [
    ['', 'verity status, state (word 1): expected a word'],
    ['V x', 'verity status, corrected blocks (word 2): expected'],
  ],
});

testLaws(verity, anyVerity, ['V', 'C 12']);
