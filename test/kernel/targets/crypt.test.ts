// crypt on a real kernel: the ciphertext on the disk below, the table read back, and where the key must not appear.

import { randomBytes } from 'node:crypto';
import test from 'ava';
import { type CryptParams, crypt } from '../../../src/dm/targets/index.ts';
import { SecretKey } from '../../../src/index.ts';
import { full, readSectors, writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { loadedParams } from '../../support/kernel/loaded.ts';
import { disks, roundTrip } from '../../support/kernel/round-trip.ts';
import { openDm, scratchDevice } from '../../support/kernel/scratch.ts';
import { runningSuite } from '../../support/kernel/target-support.ts';

const newer = runningSuite !== 'bookworm';
const key = SecretKey.fromBytes(randomBytes(64));

/** Options of a crypt target, each for a length of 1024 sectors. */
const CRYPT: readonly Partial<CryptParams>[] = [
  {},
  { allowDiscards: true },
  { ivOffset: 8n, offset: 64n },
  { sameCpuCrypt: true, submitFromCryptCpus: true },
  { noReadWorkqueue: true, noWriteWorkqueue: true },
  { sectorSize: 4096, ivLargeSectors: true },
  { cipher: 'aes-cbc-essiv:sha256', key: SecretKey.fromBytes(randomBytes(32)) },
  { cipher: 'capi:xts(aes)-plain64', allowDiscards: true },
  { cipher: 'cipher_null-ecb', key: SecretKey.fromHex('-') },
  ...(newer ? [{ highPriority: true, allowDiscards: true }] : []),
];

for (const options of CRYPT) {
  const words = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  test(`crypt: ${words.join(', ') || 'aes-xts-plain64'}`, async (t) => {
    const dm = await openDm(t);
    const [device = ''] = await disks(t, 1);
    const given = { cipher: 'aes-xts-plain64', key, ivOffset: 0n, device, offset: 0n, ...options };
    const { info, text, status } = await roundTrip(t, dm, crypt, { length: 1024n, ...given });
    t.is(await status(), undefined);
    t.is(text.split(' ')[1], given.key.reveal());
    writeSectors(info.path, 0, full('c', 8));
    t.deepEqual(readSectors(info.path, 0, 8), full('c', 8));
    const below = readSectors(device, Number(given.offset), 8);
    t.is(below.equals(full('c', 8)), given.cipher === 'cipher_null-ecb');
  });
}

test('crypt: the key is wiped and set again during a suspend', async (t) => {
  const dm = await openDm(t);
  const [device = ''] = await disks(t, 1);
  const given = { cipher: 'aes-xts-plain64', key, ivOffset: 0n, device, offset: 0n };
  const { info } = await roundTrip(t, dm, crypt, { length: 1024n, ...given });
  writeSectors(info.path, 0, full('k', 8));
  await t.throwsAsync(dm.message(info.name, crypt.messages.keyWipe()), { code: 'EINVAL' });

  await dm.suspend(info.name);
  await dm.message(info.name, crypt.messages.keyWipe());
  const wiped = await loadedParams(t, dm, crypt, info.name);
  t.is(wiped.key.reveal(), '00'.repeat(64));
  await t.throwsAsync(dm.resume(info.name), { code: 'EAGAIN' });

  const short = SecretKey.fromBytes(randomBytes(32));
  await t.throwsAsync(dm.message(info.name, crypt.messages.keySet(short)), { code: 'EINVAL' });
  await dm.message(info.name, crypt.messages.keySet(key));
  await dm.resume(info.name);
  t.deepEqual(readSectors(info.path, 0, 8), full('k', 8));
});

test('crypt: a key that is not in the keyring', async (t) => {
  const dm = await openDm(t);
  const [device = ''] = await disks(t, 1);
  const missing = SecretKey.inKeyring({ size: 64, type: 'logon', description: 'dmts:no-such-key' });
  const table = [crypt({ length: 1024, cipher: 'aes-xts-plain64', key: missing, device })];
  await t.throwsAsync(scratchDevice(t, dm, { table }), { code: 'ENOKEY' });
});

test('crypt: the error of a rejected table does not contain its key', async (t) => {
  const dm = await openDm(t);
  const [device = ''] = await disks(t, 1);
  const table = [crypt({ length: 1024, cipher: 'aes-nonsense-plain64', key, device })];
  const error = await t.throwsAsync(scratchDevice(t, dm, { table }));
  t.false(`${error?.message} ${error?.stack} ${JSON.stringify(error)}`.includes(key.reveal()));
});

test('nothing is left', assertNothingLeft);
