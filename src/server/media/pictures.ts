/**
 * From whatever somebody uploaded to two small squares.
 *
 * A file is what its content says, never what its name or its sender says, and nothing of it is ever handed on: what is
 * kept are pixels, written anew. So a picture that is a script at the same time is only a picture afterwards, and where
 * it was taken is gone. Decoders meet hostile input: only those of five formats may run, a picture's size is looked at
 * before its pixels, and few are decoded at once, which bounds the memory.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fileTypeFromBuffer } from 'file-type';
import sharp, { type Sharp } from 'sharp';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { pictureSizes, toPictureFile } from '../../protocol/media.ts';

const { maxPixels, maxAvifPixels } = limits.pictures;
/** How many pixels a file of each type may have. */
const maxPixelsOf = new Map([
  ['image/jpeg', maxPixels],
  ['image/png', maxPixels],
  ['image/apng', maxPixels],
  ['image/webp', maxPixels],
  ['image/gif', maxPixels],
  ['image/avif', maxAvifPixels],
]);
/** What is read to tell the type; no format of ours needs more. */
const headBytes = 4_096;
const [side, smallSide] = pictureSizes;

sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}`),
});

/** A picture as it is kept: its name, made of its content, and its files. */
export interface Picture {
  name: string;
  files: { name: string; bytes: Buffer }[];
}

export type MakePicture = (path: string) => Promise<Picture>;

/** Makes pictures of files, few at a time. Throws `invalid_image`, and `overloaded` when too many wait. */
export function createPictureMaker(
  {
    maxAtOnce,
    maxWaiting,
  }: {
    maxAtOnce: number;
    maxWaiting: number;
  } = limits.pictures,
): MakePicture {
  const inTurn = createTurns(maxAtOnce, maxWaiting);
  return (path) => inTurn(() => makePicture(path));
}

async function makePicture(path: string): Promise<Picture> {
  const limitInputPixels = await getMaxPixels(path);
  let large: Buffer;
  let small: Buffer;
  try {
    const { data, info } = await toSquare(path, limitInputPixels);
    const pixels = { raw: { width: side, height: side, channels: info.channels } };
    large = await toWebp(sharp(data, pixels));
    small = await toWebp(sharp(data, pixels).resize(smallSide, smallSide));
  } catch {
    // Sharp's errors are about the file: what it says of itself is not there.
    throw new ProtocolError('invalid_image');
  }
  const name = createHash('sha256').update(large).digest('hex');
  return {
    name,
    files: [
      { name: toPictureFile(name, side), bytes: large },
      { name: toPictureFile(name, smallSide), bytes: small },
    ],
  };
}

/** How many pixels the file may have, by the type that its content shows. Throws `invalid_image` for any other type. */
async function getMaxPixels(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const type = await fileTypeFromBuffer(buffer.subarray(0, bytesRead)).catch(() => undefined);
    const pixels = maxPixelsOf.get(type?.mime ?? '');
    if (pixels === undefined) throw new ProtocolError('invalid_image');
    return pixels;
  } finally {
    await file.close();
  }
}

/** The pixels of the middle square: upright, of an animation the first, in sRGB. */
const toSquare = (path: string, limitInputPixels: number) =>
  sharp(path, { limitInputPixels, failOn: 'error', pages: 1 })
    .timeout({ seconds: limits.pictures.decodeSeconds })
    .autoOrient()
    .resize(side, side, { fit: 'cover' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });

const toWebp = (picture: Sharp): Promise<Buffer> => picture.webp({ quality: 82 }).toBuffer();

/** Runs at most `maxAtOnce` tasks at a time; `maxWaiting` more wait for their turn. */
function createTurns(maxAtOnce: number, maxWaiting: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= maxAtOnce) {
      if (waiting.length >= maxWaiting) throw new ProtocolError('overloaded', { afterMs: 1_000 });
      // Whoever is done hands its place over, so nobody slips in between.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
