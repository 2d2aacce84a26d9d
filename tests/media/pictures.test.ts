import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPictureMaker, type Picture } from '../../src/server/media/pictures.ts';
import { measureWork } from '../support/work.ts';
import { makePicture } from './files.ts';

let folder: string;
let files = 0;
const make = createPictureMaker();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function keep(content: Buffer | string): Promise<string> {
  const path = join(folder, `${files++}`);
  await writeFile(path, content);
  return path;
}

const makeOf = async (content: Buffer | string): Promise<Picture> => make(await keep(content));

const pngChunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};

/** A PNG that says it is of this size, with rows of zeros that pack a thousandfold. */
function pngOf(width: number, height: number, rows = 1): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', head),
    pngChunk('IDAT', deflateSync(Buffer.alloc(rows * (1 + width * 3)))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a picture', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('of type %s becomes two squares of WebP', async (format) => {
    const { name, files: made } = await makeOf(await makePicture(format));
    expect(made.map((file) => file.name)).toEqual([`${name}-256.webp`, `${name}-64.webp`]);
    const shapes = await Promise.all(made.map(({ bytes }) => sharp(bytes).metadata()));
    expect(shapes.map(({ format: f, width, height }) => [f, width, height])).toEqual([
      ['webp', 256, 256],
      ['webp', 64, 64],
    ]);
  });

  it('is named by its content: the same twice, another otherwise', async () => {
    const [red, again, blue] = await Promise.all([
      makeOf(await makePicture('png')),
      makeOf(await makePicture('png')),
      makeOf(await makePicture('png', { background: '#33c' })),
    ]);
    expect(again.name).toBe(red.name);
    expect(blue.name).not.toBe(red.name);
    expect(red.name).toMatch(/^[0-9a-f]{64}$/);
  });

  it('stands upright and says nothing of where it was taken', async () => {
    const half = sharp({ create: { width: 100, height: 200, channels: 3, background: '#fff' } }).png();
    // White left, black right; turned by the camera a quarter: white above, black below.
    const turned = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#000' } })
      .composite([{ input: await half.toBuffer(), left: 0, top: 0 }])
      .withExif({
        IFD0: { Copyright: 'a secret place' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' },
      })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect((await sharp(turned).metadata()).exif).toBeDefined();
    const [large] = (await makeOf(turned)).files;
    const { exif, xmp, icc, orientation } = await sharp(large!.bytes).metadata();
    expect({ exif, xmp, icc, orientation }).toEqual({});
    expect(large!.bytes.includes('secret')).toBe(false);
    const { data, info } = await sharp(large!.bytes).raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number): number => data[(y * info.width + x) * info.channels]!;
    expect([at(20, 20) > 200, at(235, 20) > 200, at(20, 235) > 200]).toEqual([true, true, false]);
  });

  it('of an animation is its first', async () => {
    const frame = (background: string) => makePicture('png', { background, width: 40, height: 40 });
    const animation = await sharp([await frame('#fff'), await frame('#000')], { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(animation).metadata()).pages).toBe(2);
    const { bytes } = (await makeOf(animation)).files[1]!;
    expect((await sharp(bytes).metadata()).pages ?? 1).toBe(1);
    expect((await sharp(bytes).raw().toBuffer())[0]).toBeGreaterThan(250);
  });

  it('that is a page or a script too is only a picture afterwards', async () => {
    const evil = '<script>alert(document.domain)</script>';
    const jpeg = await makePicture('jpeg');
    // A comment of JPEG, and what follows its end.
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, evil.length + 2]), Buffer.from(evil)]);
    const polyglot = Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2), Buffer.from(`<html>${evil}`)]);
    for (const { bytes } of (await makeOf(polyglot)).files) expect(bytes.includes('script')).toBe(false);
  });
});

describe('what is no picture', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
  it.each<[string, Buffer | string]>([
    ['nothing', ''],
    ['SVG', svg],
    ['SVG behind an XML head', `<?xml version="1.0"?>${svg}`],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
    ['PDF', '%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj'],
    ['a GIF that is JavaScript', 'GIF89a=/*\0\0\0*/alert(1);//'],
    ['zip', Buffer.from('504b0304140000000000', 'hex')],
    ['a head of JPEG and nothing else', Buffer.from('ffd8ffe000104a464946', 'hex')],
    ['a head of AVIF and nothing else', Buffer.from('0000001c6674797061766966000000006d696631', 'hex')],
    ['noise', Buffer.from(Array.from({ length: 2_000 }, (_, i) => (i * 7_919) % 256))],
  ])('is refused: %s', async (_what, content) => {
    await expect(makeOf(content)).rejects.toMatchObject({ code: 'invalid_image' });
  });

  it('is refused though libvips could read it: TIFF', async () => {
    // The loader is blocked in this process, not only the type: nothing smuggled past the check is decoded.
    const tiff = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#fff' } })
      .tiff()
      .toBuffer();
    await expect(makeOf(tiff)).rejects.toMatchObject({ code: 'invalid_image' });
    await expect(sharp(tiff).metadata()).rejects.toThrow('unsupported');
    await expect(sharp(Buffer.from(svg)).metadata()).rejects.toThrow('unsupported');
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('is refused: the first half of a %s', async (format) => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const whole = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#000', noise } })
      .toFormat(format)
      .toBuffer();
    await expect(makeOf(whole.subarray(0, whole.length / 2))).rejects.toMatchObject({ code: 'invalid_image' });
    await expect(makeOf(whole)).resolves.toBeDefined();
  });
});

describe('a bomb', () => {
  it.each([
    ['60,000 by 60,000 pixels', pngOf(60_000, 60_000)],
    ['one row of a million pixels', pngOf(1_000_000, 1)],
    ['41 megapixels that are all there', pngOf(8_200, 5_000, 5_000)],
  ])('is refused at once and takes no memory: %s', async (_what, content) => {
    const path = await keep(content);
    const beforeBytes = process.memoryUsage.rss();
    const workMs = await measureWork(() => expect(make(path)).rejects.toMatchObject({ code: 'invalid_image' }));
    expect(workMs).toBeLessThan(1_000);
    expect(process.memoryUsage.rss() - beforeBytes).toBeLessThan(50 * 1024 * 1024);
  });

  it('of the size that is still allowed is a picture', async () => {
    await expect(makeOf(pngOf(8_000, 5_000, 5_000))).resolves.toBeDefined();
  });

  it('finds few at work: two are decoded at a time, the rest wait, and beyond that it is said', async () => {
    const path = await keep(await makePicture('png'));
    const narrow = createPictureMaker({ maxAtOnce: 1, maxWaiting: 2 });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => narrow(path)));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(results.slice(3)).toMatchObject([{ reason: { code: 'overloaded' } }, { reason: { code: 'overloaded' } }]);
    await expect(narrow(path)).resolves.toBeDefined();
  });
});
