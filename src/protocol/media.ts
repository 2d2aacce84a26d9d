import { z } from 'zod';
import { endpoint, everybody, loggedIn } from './endpoint.ts';
import { limits } from './limits.ts';

/** The sides of the squares that a picture is kept as, in pixels. */
export const pictureSizes = [256, 64] as const;
export type PictureSize = (typeof pictureSizes)[number];

/** The file of one size of a picture; a picture's name is made of its content. */
export const toPictureFile = (name: string, size: PictureSize): string => `${name}-${size}.webp`;

/** The name of the picture that a file is of; undefined when it is no picture's. */
export const findPictureName = (file: string): string | undefined =>
  /^([0-9a-f]{64})-(?:256|64)\.webp$/.exec(file)?.[1];

const address = z.string().nullable();

export const avatar = z.object({
  avatar_url: address.meta({
    description: 'Path of the picture on this server, 256 pixels square; null without one',
    examples: [`/media/${'0'.repeat(64)}-256.webp`],
  }),
  avatar_small_url: address.meta({ description: 'The same with 64 pixels' }),
});
export type Avatar = z.output<typeof avatar>;

/** Where a person's or group's picture is found; `name` is what the database keeps of it. */
export const toAvatar = (name: string | null): Avatar => ({
  avatar_url: name === null ? null : `/media/${toPictureFile(name, 256)}`,
  avatar_small_url: name === null ? null : `/media/${toPictureFile(name, 64)}`,
});

export const putAvatar = endpoint({
  method: 'put',
  path: '/api/v1/users/me/avatar',
  summary: 'Set the own picture',
  description:
    'A multipart form with the picture in `avatar` or `file`: JPEG, PNG, WebP, GIF or AVIF of at most ' +
    `${limits.uploads.avatarBytes / 1024 / 1024} MiB and ${limits.pictures.maxPixels / 1e6} megapixels. ` +
    'It is cropped to a square and stored anew, without what the file said besides the picture.',
  tag: 'people',
  auth: 'user',
  whoMay: loggedIn(200),
  errors: ['invalid_image'],
  upload: { fields: ['avatar', 'file'], maxBytes: limits.uploads.avatarBytes },
  answers: { 200: { description: 'Where the picture is', schema: avatar } },
});

export const deleteAvatar = endpoint({
  method: 'delete',
  path: '/api/v1/users/me/avatar',
  summary: 'Remove the own picture',
  tag: 'people',
  auth: 'user',
  whoMay: loggedIn(200),
  answers: { 200: { description: 'There is no picture any more', schema: avatar } },
});

export const getMedia = endpoint({
  method: 'get',
  path: '/media/:file',
  summary: 'A picture',
  description: 'The address is made of the content, so what is found there never changes and may be kept for ever.',
  tag: 'people',
  auth: 'public',
  whoMay: everybody(404),
  errors: ['not_found'],
  params: z.object({ file: z.string() }),
  answers: { 200: { description: 'The picture', media: 'image/webp' } },
});

export const mediaEndpoints = [putAvatar, deleteAvatar, getMedia];
