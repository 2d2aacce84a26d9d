import { ProtocolError } from '../../protocol/errors.ts';
import type { AccessClaims, AccessTokens } from './access-tokens.ts';

/**
 * Remembers which access tokens are good, so that a request costs neither a signature nor a statement.
 *
 * A memory that outlives a revocation would be a hole. So: what is revoked is dropped at once; an answer of the database
 * that was under way during a drop is used once and not remembered; and what nobody dropped (another node's word was lost)
 * is asked for again after a second.
 */
export interface KnownTokens {
  /** Throws `not_authenticated` and `session_revoked`. */
  authenticate(token: string): Promise<AccessClaims>;
  /** Forgets all that is known of these sessions. */
  drop(sessionIds: readonly string[]): void;
}

export interface KnownTokensOptions {
  tokens: AccessTokens;
  getState: (claims: AccessClaims) => Promise<'live' | 'ended' | 'unknown'>;
  clock: () => number;
  maxTokens?: number;
}

const freshMs = 1_000;

interface Known {
  claims: AccessClaims;
  askedAt: number;
}

export function createKnownTokens({ tokens, getState, clock, maxTokens = 20_000 }: KnownTokensOptions): KnownTokens {
  const known = new Map<string, Known>();
  const tokensOf = new Map<string, Set<string>>();
  const pending = new Map<string, Promise<AccessClaims>>();
  let drops = 0;

  const forget = (token: string): void => {
    const sessionId = known.get(token)?.claims.sessionId;
    known.delete(token);
    if (sessionId === undefined) return;
    const siblings = tokensOf.get(sessionId);
    siblings?.delete(token);
    if (siblings?.size === 0) tokensOf.delete(sessionId);
  };

  const remember = (token: string, entry: Known): void => {
    forget(token);
    if (known.size >= maxTokens) forget(known.keys().next().value ?? '');
    known.set(token, entry);
    const { sessionId } = entry.claims;
    tokensOf.set(sessionId, (tokensOf.get(sessionId) ?? new Set()).add(token));
  };

  const ask = async (token: string, claims: AccessClaims): Promise<AccessClaims> => {
    const [dropsBefore, askedAt] = [drops, clock()];
    const state = await getState(claims);
    if (state === 'live' && drops === dropsBefore) remember(token, { claims, askedAt });
    if (state === 'live') return claims;
    forget(token);
    throw new ProtocolError(state === 'ended' ? 'session_revoked' : 'not_authenticated');
  };

  const share = (token: string, asked: Promise<AccessClaims>): Promise<AccessClaims> => {
    const shared = asked.finally(() => {
      if (pending.get(token) === shared) pending.delete(token);
    });
    pending.set(token, shared);
    return shared;
  };

  return {
    async authenticate(token) {
      const entry = known.get(token);
      const claims = entry?.claims ?? tokens.findClaims(token);
      if (!claims || claims.expiresAt <= clock()) {
        forget(token);
        throw new ProtocolError('not_authenticated');
      }
      if (entry && clock() - entry.askedAt < freshMs) return claims;
      return pending.get(token) ?? share(token, ask(token, claims));
    },
    drop(sessionIds) {
      if (sessionIds.length === 0) return;
      drops++;
      // Who asks from now on must not share an answer that was asked for before.
      pending.clear();
      for (const id of sessionIds) for (const token of tokensOf.get(id) ?? []) forget(token);
    },
  };
}
