import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Config } from '../config.ts';
import type { Authenticate } from '../http/mount.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import type { AccessClaims } from './access-tokens.ts';
import { findCookie } from './cookies.ts';
import { isOverTls, requireNoForeignOrigin, requireOwnPage } from './own-page.ts';

export interface AuthenticationOptions {
  place: Pick<Config, 'host' | 'publicUrl' | 'trustProxy'>;
  rateLimits: RateLimits;
  /** Throws `not_authenticated` and `session_revoked`. */
  authenticateToken: (token: string) => Promise<AccessClaims>;
}

export interface Authentication {
  authenticate: Authenticate;
  authenticateUpgrade(request: Pick<IncomingMessage, 'headers'>): Promise<AccessClaims | undefined>;
}

/** Finds out who sent a request or a handshake. A Bearer token goes before a cookie: who sends one, means it. */
export function createAuthentication({ place, rateLimits, authenticateToken }: AuthenticationOptions): Authentication {
  const findCookieToken = (headers: IncomingHttpHeaders): string | undefined =>
    findCookie(headers, 'access', isOverTls(headers, place));

  const authenticateByEither: Authenticate = async (request) => {
    const bearer = findBearer(request.headers);
    const token = bearer ?? findCookieToken(request.headers);
    if (token === undefined) throw new ProtocolError('not_authenticated');
    if (bearer === undefined) requireOwnPage(request, place);
    const { userId, sessionId } = await authenticateToken(token);
    return { userId, sessionId, byCookie: bearer === undefined };
  };

  return {
    async authenticate(request) {
      try {
        const caller = await authenticateByEither(request);
        await rateLimits.countUser(caller.userId);
        return caller;
      } catch (error) {
        if (error instanceof ProtocolError && error.code !== 'rate_limited')
          await rateLimits.countStranger(request.ip ?? '');
        throw error;
      }
    },
    async authenticateUpgrade({ headers }) {
      const bearer = findBearer(headers);
      if (bearer !== undefined) return authenticateToken(bearer);
      const cookie = findCookieToken(headers);
      if (cookie === undefined) return undefined;
      const claims = await authenticateToken(cookie).catch((error: unknown) => {
        if (error instanceof ProtocolError && error.status === 401) return undefined;
        throw error;
      });
      if (claims) requireNoForeignOrigin(headers, place);
      return claims;
    },
  };
}

/**
 * The token of an Authorization header, empty when it is malformed, so that no cookie takes its place. Other schemes, such
 * as a proxy's Basic, are not for us.
 */
function findBearer({ authorization }: IncomingHttpHeaders): string | undefined {
  if (authorization === undefined || !/^Bearer\b/i.test(authorization)) return undefined;
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
}
