import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Config } from '../config.ts';
import type { Database, Sql } from '../db/client.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import * as commands from './commands.ts';
import type { Credentials } from './credentials.ts';
import { findPerson, toIdentifier, type Identifier } from './queries.ts';

/** Who wants to log in, how they prove it, and from where. */
export interface LoginAttempt {
  /** As text, any of the three: it is recognised by its form. */
  identifier: Identifier | string;
  password: string;
  ip: string;
  userAgent: string | undefined;
}

export interface LoginOptions {
  db: Database;
  sql: Sql;
  config: Pick<Config, 'rateLimits'>;
  credentials: Credentials;
  rateLimits: RateLimits;
  /** Told the sessions that ended to make room. */
  announce: (sessionIds: string[]) => void;
}

type SessionStart = Pick<commands.NewSession, 'id' | 'kind' | 'refreshHash' | 'lifeSeconds'>;

interface ProvedPerson {
  id: string;
  name: string;
  passwordHash: string;
}

/** How often a login is proved anew because the hash was changed while it was being checked. */
const maxProofs = 3;

/**
 * Checks a password and begins a session. An unknown identifier, a deactivated account and a wrong password cannot be
 * told apart: one text, one status, one hash comparison.
 */
export const createLogin =
  ({ db, sql, config, credentials, rateLimits, announce }: LoginOptions) =>
  async (attempt: LoginAttempt, start: SessionStart): Promise<ProvedPerson> => {
    for (let proofs = 0; proofs < maxProofs; proofs++) {
      const person = await prove({ db, credentials, rateLimits }, attempt);
      const ended = await commands.openSession(sql, {
        ...start,
        userId: person.id,
        provedBy: person.passwordHash,
        userAgent: cut(attempt.userAgent),
        ip: attempt.ip,
        maxDevices: config.rateLimits ? limits.counts.sessionsPerUser : null,
      });
      if (!ended) continue;
      announce(ended);
      if (credentials.isOutdated(person.passwordHash)) {
        const to = await credentials.hash(attempt.password);
        await commands.replaceHash(db, { userId: person.id, from: person.passwordHash, to });
      }
      return person;
    }
    throw new ProtocolError('wrong_credentials');
  };

async function prove(
  { db, credentials, rateLimits }: Pick<LoginOptions, 'db' | 'credentials' | 'rateLimits'>,
  { identifier: given, password, ip }: LoginAttempt,
): Promise<ProvedPerson> {
  const identifier = typeof given === 'string' ? toIdentifier(given) : given;
  let proved: ProvedPerson | undefined;
  await rateLimits.tryLogin({ account: `${identifier.kind} ${identifier.value}`, ip }, async () => {
    const person = await findPerson(db, identifier);
    const passwordHash = person?.passwordHash ?? undefined;
    const matches = await credentials.verify(password, passwordHash);
    if (matches && person && passwordHash !== undefined) proved = { id: person.id, name: person.name, passwordHash };
    return matches;
  });
  if (!proved) throw new ProtocolError('wrong_credentials');
  return proved;
}

const cut = (userAgent: string | undefined): string | null =>
  userAgent === undefined ? null : Array.from(userAgent).slice(0, limits.text.maxUserAgentCodePoints).join('');
