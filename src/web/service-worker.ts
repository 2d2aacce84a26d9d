/**
 * Keeps the built client in the browser, so that it opens at once and without a network. It answers nothing but the client's
 * own files, its addresses and pictures: what is said goes past it. The build puts in the files and what their contents hash to.
 */
import { pagePaths } from '../protocol/pages.ts';
import { pictureCache, takeOver } from './offline/names.ts';

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asking extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
/** Of a worker's global scope as much as is used: its types and those of a page do not go together. */
interface Scope {
  readonly location: Location;
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', listener: (event: Asking) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  skipWaiting(): Promise<void>;
}

declare const BUILT: { readonly hash: string; readonly files: readonly string[] };

const built = BUILT;
const scope = globalThis as unknown as Scope;
const fileCache = `messenger-${built.hash}`;
const page = '/';
const maxPictures = 500;

const patterns = pagePaths.map((path) => new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}/?$`));

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(removeOld()));
scope.addEventListener('message', ({ data }) => {
  if (data === takeOver) void scope.skipWaiting();
});
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== scope.location.origin) return;
  if (request.mode === 'navigate') {
    if (patterns.some((pattern) => pattern.test(pathname))) event.respondWith(answer(page, request));
  } else if (built.files.includes(pathname)) event.respondWith(answer(pathname, request));
  else if (pathname.startsWith('/media/')) event.respondWith(answerPicture(request));
});

async function install(): Promise<void> {
  const cache = await caches.open(fileCache);
  await cache.addAll([page, ...built.files].map((path) => new Request(path, { cache: 'no-cache' })));
}

async function removeOld(): Promise<void> {
  for (const name of await caches.keys()) if (name !== fileCache && name !== pictureCache) await caches.delete(name);
}

async function answer(path: string, request: Request): Promise<Response> {
  return (await caches.match(path, { cacheName: fileCache })) ?? fetch(request);
}

/** The name of a picture changes with what is in it. */
async function answerPicture(request: Request): Promise<Response> {
  const cache = await caches.open(pictureCache);
  const known = await cache.match(request);
  if (known) return known;
  const response = await fetch(request);
  if (response.ok) await keepPicture(cache, request, response.clone());
  return response;
}

async function keepPicture(cache: Cache, request: Request, response: Response): Promise<void> {
  await cache.put(request, response);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - maxPictures)).map((key) => cache.delete(key)));
}
