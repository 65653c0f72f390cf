// The parts of an image, from a file and from a stream.

import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { ImageSource } from '../../../../src/volumes/image/image-source.ts';
import { openImage } from '../../../../src/volumes/image/read-image.ts';
import { runs } from '../../../support/arbitraries/runs.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const PART = 4096;

interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

const images: fc.Arbitrary<{ readonly size: number; readonly pieces: readonly Piece[] }> =
  fc.record({
    size: fc.integer({ min: 1, max: 20 * PART }),
    pieces: fc.array(
      fc.record({
        at: fc.nat(20 * PART),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 2 * PART }),
      }),
      { maxLength: 6 },
    ),
  });

/** Puts the parts together, which must be in order and not zero. */
async function assemble(source: ImageSource, size: number): Promise<Buffer> {
  await using image = await openImage(source);
  const whole = Buffer.alloc(size);
  let last = -1;
  for await (const { position, bytes, isZero } of image.parts(PART)) {
    if (position % PART !== 0 || position <= last || bytes.length > PART)
      throw new Error(`a part of ${bytes.length} bytes at ${position}`);
    if (bytes.every((byte) => byte === 0) !== isZero)
      throw new Error(`a wrong isZero at ${position}`);
    last = position;
    whole.set(bytes, position);
  }
  return whole;
}

test('random images: the parts have all that is not zero', async (t) => {
  const path = join(tempDir(t), 'image');
  await fc.assert(
    fc.asyncProperty(images, fc.integer({ min: 1, max: 3 * PART }), async (image, step) => {
      const { size, pieces } = image;
      const whole = Buffer.alloc(size);
      const file = openSync(path, 'w');
      ftruncateSync(file, size);
      for (const { at, bytes } of pieces) {
        const inside = bytes.subarray(0, Math.max(0, size - at));
        if (inside.length === 0) continue;
        whole.set(inside, at);
        writeSync(file, inside, 0, inside.length, at);
      }
      closeSync(file);
      t.true((await assemble(path, size)).equals(whole), 'the file');
      const stream = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < size; at += step) yield whole.subarray(at, at + step);
      };
      t.true((await assemble(stream(), size)).equals(whole), 'the stream');
    }),
    runs(200),
  );
});

test('what is not an image is refused', async (t) => {
  await t.throwsAsync(openImage('/dev/null'), { code: 'ERR_DMTS_INPUT' });
  await t.throwsAsync(openImage(tempDir(t)), { code: 'ERR_DMTS_INPUT' });
  await t.throwsAsync(openImage('/nowhere'), { code: 'ENOENT' });
});

test('a stream of texts is refused', async (t) => {
  const texts = async function* (): AsyncGenerator<Uint8Array> {
    yield 'text' as unknown as Uint8Array;
  };
  await t.throwsAsync(assemble(texts(), 4), {
    code: 'ERR_DMTS_INPUT',
    message: 'source: expected chunks of bytes, got "text"',
  });
});
