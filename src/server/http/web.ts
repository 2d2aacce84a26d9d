/**
 * The web client: one page, whatever its address, and the files that it loads. All of it is public; what the page shows it
 * gets from the interface, as whoever has logged in there.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RequestHandler, Router } from 'express';
import { ProtocolError } from '../../protocol/errors.ts';
import { pagePaths } from '../../protocol/pages.ts';
import type { Reply } from './mount.ts';
import { strictPolicy, toPolicyHeader } from './security.ts';

/** The names of files below /assets change with what is in them. */
const forever = 'public, max-age=31536000, immutable';

/** Asked about each time: they keep their names over versions. */
const looseFiles = ['/sw.js', '/manifest.webmanifest', '/favicon.svg', '/icons/:file'];

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'referrer-policy': 'no-referrer',
  // The one policy is that which lets the page name its own service worker.
  'content-security-policy': toPolicyHeader({ ...strictPolicy, 'trusted-types': ['messenger'] }),
};

/** The folder of the built client: `dist/web`, both for `src` and for `dist/src`. */
function findFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'dist', 'web');
}

const folder = findFolder();

/** The page as an answer. Error: `not_found` where the client was not built. */
export async function replyWithPage(): Promise<Reply> {
  try {
    return { status: 200, headers: pageHeaders, bytes: await readFile(join(folder, 'index.html')) };
  } catch {
    throw new ProtocolError('not_found', { message: 'The web client is not built. Run: node scripts/build.mjs' });
  }
}

const answerPage: RequestHandler = async (_request, response) => {
  const reply = await replyWithPage();
  response.set(reply.headers ?? {});
  if ('bytes' in reply) response.send(reply.bytes);
};

const answerFile =
  (cacheControl: string): RequestHandler =>
  (request, response, next) => {
    const options = { root: folder, acceptRanges: false, headers: { 'cache-control': cacheControl } };
    response.sendFile(request.path, options, (error?: Error) => {
      if (!error) return;
      if (response.headersSent) next(error);
      else next(new ProtocolError('not_found'));
    });
  };

/** Puts the client's screens and files on the router. */
export function mountWeb(router: Router): void {
  for (const path of pagePaths) router.get(path, answerPage);
  router.get('/assets/:file', answerFile(forever));
  for (const path of looseFiles) router.get(path, answerFile('no-cache'));
}
