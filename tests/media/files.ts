import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Actor } from '../support/cast.ts';

type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

/** A picture of one colour. */
export const makePicture = (
  format: Format,
  { width = 300, height = 200, background = '#c33' }: { width?: number; height?: number; background?: string } = {},
): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer();

/** A picture that no other test has. */
export const makeOwnPicture = (): Promise<Buffer> =>
  makePicture('png', { background: `#${randomBytes(3).toString('hex')}` });

export interface Part {
  name: string;
  filename?: string;
  type?: string;
  content: Buffer | string;
}

const boundary = 'the-boundary-of-a-test';

/** A multipart form as bytes; nothing in it is escaped, so that names may be hostile. */
export function toForm(parts: Part[]): { body: Buffer; type: string } {
  const chunks = parts.flatMap(({ name, filename, type, content }) => [
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"`),
    Buffer.from(filename === undefined ? '' : `; filename="${filename}"`),
    Buffer.from(`${type === undefined ? '' : `\r\ncontent-type: ${type}`}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return {
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

/** Sends a form to the own avatar. */
export function putForm(
  url: string,
  { authorization }: Pick<Actor, 'authorization'>,
  parts: Part[],
  headers: Record<string, string> = {},
): Promise<Response> {
  const { body, type } = toForm(parts);
  return fetch(`${url}/api/v1/users/me/avatar`, {
    method: 'PUT',
    headers: { ...authorization, 'content-type': type, ...headers },
    body: Uint8Array.from(body),
  });
}

export const putAvatar = (url: string, actor: Actor, content: Buffer, filename = 'picture.png'): Promise<Response> =>
  putForm(url, actor, [{ name: 'avatar', filename, type: 'image/png', content }]);

/** What stands in a folder of the server's; nothing when there is no such folder yet. */
export const listFolder = (dataDir: string, name: 'uploads' | 'media'): Promise<string[]> =>
  readdir(join(dataDir, name)).catch(() => []);
