import type { IncomingHttpHeaders } from 'node:http';

/** The two cookies of a browser's login. Neither can be read by the page's scripts. */
export type CookieName = 'access' | 'refresh';

/**
 * Over TLS the name's prefix makes the browser refuse the cookie from anywhere but this very host; without TLS browsers
 * would not keep such a cookie at all.
 */
const toName = (name: CookieName, isSecure: boolean): string => `${isSecure ? '__Host-' : ''}messenger_${name}`;

/** The value of a cookie; the first when there are several of the name, undefined when there is none. */
export function findCookie(headers: IncomingHttpHeaders, name: CookieName, isSecure: boolean): string | undefined {
  const prefix = `${toName(name, isSecure)}=`;
  const pair = headers.cookie
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(prefix));
  const value = pair?.slice(prefix.length);
  return value === '' ? undefined : value;
}

/** A Set-Cookie header. An empty value and an age of 0 seconds take the cookie away. */
export const toSetCookie = (
  name: CookieName,
  value: string,
  options: { maxAgeSeconds: number; isSecure: boolean },
): string =>
  `${toName(name, options.isSecure)}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${options.maxAgeSeconds}` +
  (options.isSecure ? '; Secure' : '');
