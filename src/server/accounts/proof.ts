import { ProtocolError } from '../../protocol/errors.ts';
import type { Database } from '../db/client.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import type { Credentials } from './credentials.ts';
import { findPasswordHash } from './queries.ts';

export interface ProofOptions {
  db: Database;
  credentials: Credentials;
  rateLimits: RateLimits;
}

/** Who says that they know their password, and from where. */
export interface Proof {
  userId: string;
  password: string;
  ip: string;
}

/**
 * Checks the password of a person who is logged in, and answers the hash that it was proved against: what changes must
 * find it still in place. Guesses count as those at a login do. Throws `wrong_password`, `rate_limited`, `overloaded`.
 */
export const createProof =
  ({ db, credentials, rateLimits }: ProofOptions) =>
  async ({ userId, password, ip }: Proof): Promise<string> => {
    let proved: string | undefined;
    await rateLimits.tryLogin({ account: `user ${userId}`, ip }, async () => {
      const hash = await findPasswordHash(db, userId);
      const matches = await credentials.verify(password, hash);
      if (matches) proved = hash;
      return matches;
    });
    if (proved === undefined) throw new ProtocolError('wrong_password');
    return proved;
  };
