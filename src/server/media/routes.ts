import { ProtocolError } from '../../protocol/errors.ts';
import { getMedia } from '../../protocol/media.ts';
import type { mountOn } from '../http/mount.ts';
import type { Media } from './media.ts';

export interface MediaRoutes {
  media: Pick<Media, 'findFile'>;
  /** Counts a request by somebody unknown; throws `rate_limited`. */
  countStranger(ip: string): Promise<void>;
}

/** Nothing of what is here may ever run, whatever a browser takes it for. */
const headers = {
  'content-type': 'image/webp',
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};

/**
 * Puts the pictures on the router. `mount` should count no strangers: a page shows many pictures at once, and who knows
 * their addresses has been shown them. Who guesses is counted.
 */
export function mountMedia(mount: ReturnType<typeof mountOn>, { media, countStranger }: MediaRoutes): void {
  mount(getMedia, async ({ params: { file }, ip }) => {
    const bytes = await media.findFile(file);
    if (!bytes) {
      await countStranger(ip);
      throw new ProtocolError('not_found');
    }
    return { status: 200, headers: { ...headers, 'content-disposition': `inline; filename="${file}"` }, bytes };
  });
}
