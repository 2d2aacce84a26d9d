/**
 * Whether a request that a cookie would authenticate comes from the server's own page. A browser sends cookies along
 * whoever made it send the request, so another page could act for the person; what the browser says about the origin
 * cannot be forged by a page.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Config } from '../config.ts';

type Place = Pick<Config, 'host' | 'publicUrl' | 'trustProxy'>;

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** Whether the person's browser speaks TLS, with this server or with the proxy in front of it. */
export const isOverTls = (headers: IncomingHttpHeaders, place: Place): boolean =>
  place.publicUrl?.startsWith('https:') === true ||
  (place.trustProxy !== false && headers['x-forwarded-proto']?.toString().split(',')[0]?.trim() === 'https');

/** The request's Host without its port, in lower case. */
const hostName = (headers: IncomingHttpHeaders): string => (headers.host ?? '').replace(/:\d*$/, '').toLowerCase();

/**
 * Whether the Host header names this server. A server on loopback answers cookies only under loopback names (or its
 * PUBLIC_URL's): any other name was pointed at it by somebody else's DNS.
 */
export function isOwnHost(headers: IncomingHttpHeaders, place: Place): boolean {
  const name = hostName(headers);
  if (place.publicUrl !== undefined && name === new URL(place.publicUrl).hostname) return true;
  return !isLoopback(place.host) || loopbackNames.has(name);
}

/** Whether an Origin header is the server's own: that of PUBLIC_URL, or that of the host that was asked. */
function isOwnOrigin(origin: string, headers: IncomingHttpHeaders, place: Place): boolean {
  if (place.publicUrl !== undefined && origin === new URL(place.publicUrl).origin) return true;
  return origin === `${isOverTls(headers, place) ? 'https' : 'http'}://${(headers.host ?? '').toLowerCase()}`;
}

/** For a socket that a cookie would log in, and for a login that would set one: throws `csrf` for another page's. */
export function requireNoForeignOrigin(headers: IncomingHttpHeaders, place: Place): void {
  const { origin } = headers;
  if (!isOwnHost(headers, place)) throw new ProtocolError('csrf');
  if (origin !== undefined && !isOwnOrigin(origin, headers, place)) throw new ProtocolError('csrf');
}

/**
 * For a request that a cookie would authenticate: throws `csrf` when it would change something and does not come from the
 * own page, `unsupported_media_type` when its body is one that a form could send. (A file may be sent by a browser that
 * tells the page's origin in `Sec-Fetch-Site`.)
 */
export function requireOwnPage(
  request: { method?: string | undefined; headers: IncomingHttpHeaders },
  place: Place,
): void {
  const { headers } = request;
  if (!isOwnHost(headers, place)) throw new ProtocolError('csrf');
  if (safeMethods.has(request.method ?? '')) return;
  const site = headers['sec-fetch-site'];
  const isOwn =
    site === undefined
      ? headers.origin !== undefined && isOwnOrigin(headers.origin, headers, place)
      : site === 'same-origin';
  if (!isOwn) throw new ProtocolError('csrf');
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const type = headers['content-type'] ?? '';
  // A form with a file is also what other pages can send; so only where the browser itself says whose page it is.
  const isOwnFile = site === 'same-origin' && /^multipart\/form-data\s*;/i.test(type);
  if (hasBody && !isOwnFile && !/^application\/json\s*(;|$)/i.test(type))
    throw new ProtocolError('unsupported_media_type');
}
