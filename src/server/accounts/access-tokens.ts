import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { uuid } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';

const issuer = 'messenger';
const audience = 'messenger';
/** The only one that is accepted: what a token says of itself must not choose how it is checked. */
const algorithm = 'HS256';

/** Whom an access token speaks for. `expiresAt` is in milliseconds since 1970. */
export interface AccessClaims {
  userId: string;
  sessionId: string;
  expiresAt: number;
}

const payloadShape = z.object({ sub: uuid, sid: uuid, typ: z.literal('access'), exp: z.number() });

export interface AccessTokens {
  readonly ttlSeconds: number;
  /** `ttlSeconds`: where a login has a lifetime of its own. */
  sign(userId: string, sessionId: string, ttlSeconds?: number): string;
  /** What a token says, or undefined when it was not made here for this use or is out of date. */
  findClaims(token: string): AccessClaims | undefined;
}

export interface AccessTokenOptions {
  /** A KeyObject: given a Buffer, every check would build the key anew at fifty times the price. */
  signingKey: KeyObject;
  ttlSeconds: number;
  clock: () => number;
}

export function createAccessTokens({ signingKey, ttlSeconds, clock }: AccessTokenOptions): AccessTokens {
  const nowSeconds = (): number => Math.floor(clock() / 1_000);
  return {
    ttlSeconds,
    sign: (userId, sessionId, ownTtlSeconds = ttlSeconds) =>
      jwt.sign({ sid: sessionId, typ: 'access', iat: nowSeconds() }, signingKey, {
        algorithm,
        issuer,
        audience,
        subject: userId,
        expiresIn: ownTtlSeconds,
      }),
    findClaims(token) {
      if (token.length > limits.tokens.maxLength) return undefined;
      try {
        const options = {
          algorithms: [algorithm],
          issuer,
          audience,
          clockTimestamp: nowSeconds(),
        } satisfies jwt.VerifyOptions;
        const { sub, sid, exp } = payloadShape.parse(jwt.verify(token, signingKey, options));
        return { userId: sub, sessionId: sid, expiresAt: exp * 1_000 };
      } catch {
        // Whatever is wrong with it, the bearer is told the same.
        return undefined;
      }
    },
  };
}
