import { randomUUID, type KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Account, ConnectionRecord, Session, Tokens } from '../../protocol/accounts.ts';
import type { PasswordPolicy } from '../../protocol/credentials.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Config } from '../config.ts';
import type { Database, Sql } from '../db/client.ts';
import type { Authenticate, Caller } from '../http/mount.ts';
import type { RateLimits } from '../http/rate-limit.ts';
import { createAccessTokens, type AccessClaims } from './access-tokens.ts';
import { createAuthentication } from './authentication.ts';
import * as commands from './commands.ts';
import type { Credentials } from './credentials.ts';
import { createKnownTokens } from './known-tokens.ts';
import { createLogin, type LoginAttempt } from './login.ts';
import { hashOneTimeToken } from './one-time-tokens.ts';
import { createPasswordPolicy } from './passwords.ts';
import { createProof, type Proof } from './proof.ts';
import { getSessionState, isResetOpen, listConnections, listDevices, listEnded, listEndedLately } from './queries.ts';
import { createRefreshTokens } from './refresh-tokens.ts';

export interface AccountsOptions {
  db: Database;
  sql: Sql;
  config: Pick<
    Config,
    | 'accessTokenTtlSeconds'
    | 'refreshTokenTtlDays'
    | 'passwordMinLength'
    | 'registration'
    | 'rateLimits'
    | 'host'
    | 'publicUrl'
    | 'trustProxy'
  >;
  signingKey: KeyObject;
  credentials: Credentials;
  rateLimits: RateLimits;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Told after the commit, so that every node closes the sockets of sessions that ended. */
  onRevoked: (revoked: { sessionIds: string[] }) => void;
}

/** Tokens as they are made; a browser gets them as cookies. */
export type IssuedTokens = Tokens & { access_token: string; refresh_token: string };

export interface NewAccountInput {
  name: string;
  email?: string | null | undefined;
  phone?: string | null | undefined;
  username?: string | null | undefined;
  password: string;
  invite?: string | null | undefined;
  about?: string | null | undefined;
}

/** How long what a login answers is good for, where that is not as usual. */
export interface Lifetimes {
  accessSeconds?: number | undefined;
  /** Of a refresh token that is not used. */
  idleSeconds?: number | undefined;
}

const secondsPerDay = 86_400;

/** People, their logins and who is asking. All mutations are one statement each. */
export interface Accounts {
  readonly passwordPolicy: PasswordPolicy;
  /** Stores a new account. Throws `identifier_taken`, `registration_closed`, `invite_needed`, `rate_limited`, `overloaded`. */
  register(input: NewAccountInput, ip: string): Promise<Account>;
  /** Begins a device's session. Throws `wrong_credentials`, `rate_limited`, `overloaded`. */
  logIn(attempt: LoginAttempt, lifetimes?: Lifetimes): Promise<IssuedTokens>;
  /** Begins the session of one plain socket, which is no device. Throws as `logIn` does. */
  logInPlain(attempt: LoginAttempt): Promise<{ userId: string; sessionId: string }>;
  /** Ends a plain socket's session together with the socket. */
  closeSocketSession(sessionId: string): Promise<void>;
  /** Exchanges a refresh token for its successor. Throws `not_authenticated` and `session_revoked`. */
  refresh(refreshToken: string, lifetimes?: Lifetimes): Promise<IssuedTokens>;
  listSessions(caller: Caller): Promise<Session[]>;
  /** The caller's sockets of now and before, the newest first. */
  listConnections(caller: Caller, page: { before?: string | undefined; limit: number }): Promise<ConnectionRecord[]>;
  /** Ends one session of the caller's; throws `not_found` when there is none. Also the caller's own, to log out. */
  revokeSession(caller: Caller, sessionId: string): Promise<void>;
  revokeOtherSessions(caller: Caller): Promise<void>;
  /** Sets a password by an operator's link and ends all sessions of the person. Throws `link_invalid`. */
  resetPassword(reset: { token: string; password: string }): Promise<void>;
  /**
   * Checks the password of somebody who is logged in; answers the hash that it was proved against. Throws
   * `wrong_password`, `rate_limited`, `overloaded`.
   */
  provePassword(proof: Proof): Promise<string>;
  /** A hash to store. Throws `overloaded`. */
  hashPassword(password: string): Promise<string>;
  /** Makes sessions that ended by another command be felt: tokens fail and sockets close, on every node. */
  announceEnded(sessionIds: string[]): void;
  /** Whom an access token speaks for. Throws `not_authenticated` and `session_revoked`. */
  authenticateToken(accessToken: string): Promise<AccessClaims>;
  /** Who sent an HTTP request, by Bearer token or cookie, within the rates. */
  authenticate: Authenticate;
  /**
   * Whom a WebSocket handshake speaks for; undefined when it says nothing, or has a cookie that is out of date. Throws
   * `not_authenticated`, `session_revoked` for a bad Bearer token and `csrf` for a cookie used by another page.
   */
  authenticateUpgrade(request: Pick<IncomingMessage, 'headers'>): Promise<AccessClaims | undefined>;
  /** Forgets what is remembered of sessions that ended, here or on another node. */
  dropSessions(sessionIds: readonly string[]): void;
  /** The sessions that ended within the last minute, on whatever node: for a node that may not have been told. */
  listEndedLately(): Promise<string[]>;
  /** Which of these sessions are not live any more. */
  listEnded(sessionIds: string[]): Promise<string[]>;
  /** Deletes what ended long ago; to be called now and then. */
  forgetEnded(): Promise<void>;
}

export function createAccounts(options: AccountsOptions): Accounts {
  const { db, sql, config, signingKey, credentials, rateLimits, clock } = options;
  const accessTokens = createAccessTokens({ signingKey, ttlSeconds: config.accessTokenTtlSeconds, clock });
  const refreshTokens = createRefreshTokens(signingKey);
  const knownTokens = createKnownTokens({
    tokens: accessTokens,
    getState: (claims) => getSessionState(sql, claims),
    clock,
  });

  const announce = (sessionIds: string[]): void => {
    if (sessionIds.length === 0) return;
    knownTokens.drop(sessionIds);
    options.onRevoked({ sessionIds });
  };
  const begin = createLogin({ db, sql, config, credentials, rateLimits, announce });
  const idleSecondsOf = ({ idleSeconds = config.refreshTokenTtlDays * secondsPerDay }: Lifetimes): number =>
    Math.min(idleSeconds, limits.tokens.refreshAbsoluteDays * secondsPerDay);
  const toTokens = (
    session: { id: string; userId: string; name: string },
    refreshToken: string,
    { accessSeconds = accessTokens.ttlSeconds }: Lifetimes,
  ): IssuedTokens => ({
    access_token: accessTokens.sign(session.userId, session.id, accessSeconds),
    refresh_token: refreshToken,
    token_type: 'bearer',
    expires_in: accessSeconds,
    user_id: session.userId,
    name: session.name,
  });

  return {
    passwordPolicy: createPasswordPolicy(config.passwordMinLength),
    register: (input, ip) => register(options, input, ip),
    async logIn(attempt, lifetimes = {}) {
      const { sessionId: id, hash: refreshHash, text } = refreshTokens.create(randomUUID());
      const person = await begin(attempt, { id, kind: 'device', refreshHash, lifeSeconds: idleSecondsOf(lifetimes) });
      return toTokens({ id, userId: person.id, name: person.name }, text, lifetimes);
    },
    async logInPlain(attempt) {
      const sessionId = randomUUID();
      const lifeSeconds = limits.tokens.refreshAbsoluteDays * secondsPerDay;
      const person = await begin(attempt, { id: sessionId, kind: 'socket', refreshHash: null, lifeSeconds });
      return { userId: person.id, sessionId };
    },
    closeSocketSession: (sessionId) => commands.deleteSocketSession(db, sessionId),
    async refresh(text, lifetimes = {}) {
      const presented = refreshTokens.find(text);
      if (!presented) throw new ProtocolError('not_authenticated');
      const successor = refreshTokens.getSuccessor(presented);
      const rotated = await commands.rotateRefreshToken(sql, {
        sessionId: presented.sessionId,
        presented: presented.hash,
        successor: successor.hash,
        idleSeconds: idleSecondsOf(lifetimes),
        absoluteDays: limits.tokens.refreshAbsoluteDays,
        graceMs: limits.tokens.refreshReuseGraceMs,
      });
      if (rotated?.isReuse) announce([presented.sessionId]);
      if (!rotated || rotated.isReuse) throw new ProtocolError('session_revoked');
      return toTokens(
        { id: presented.sessionId, userId: rotated.userId, name: rotated.name },
        successor.text,
        lifetimes,
      );
    },
    listSessions: (caller) => listDevices(db, caller),
    listConnections: ({ userId, sessionId }, page) => listConnections(sql, { userId, sessionId, ...page }),
    async revokeSession(caller, sessionId) {
      if (!(await commands.revokeSession(sql, { caller, sessionId }))) throw new ProtocolError('not_found');
      announce([sessionId]);
    },
    revokeOtherSessions: async (caller) => announce(await commands.revokeOtherSessions(sql, caller)),
    async resetPassword({ token, password }) {
      const tokenHash = hashOneTimeToken(token);
      // Looked at first, so that a made-up link does not cost a hash.
      if (!(await isResetOpen(sql, tokenHash))) throw new ProtocolError('link_invalid');
      const ended = await commands.redeemReset(sql, { tokenHash, passwordHash: await credentials.hash(password) });
      if (!ended) throw new ProtocolError('link_invalid');
      announce(ended);
    },
    provePassword: createProof({ db, credentials, rateLimits }),
    hashPassword: (password) => credentials.hash(password),
    announceEnded: announce,
    authenticateToken: (token) => knownTokens.authenticate(token),
    ...createAuthentication({
      place: config,
      rateLimits,
      authenticateToken: (token) => knownTokens.authenticate(token),
    }),
    dropSessions: (sessionIds) => knownTokens.drop(sessionIds),
    listEndedLately: () => listEndedLately(sql),
    listEnded: (sessionIds) => listEnded(sql, sessionIds),
    forgetEnded: () => commands.forgetEnded(db),
  };
}

async function register(options: AccountsOptions, input: NewAccountInput, ip: string): Promise<Account> {
  const { sql, config, credentials, rateLimits } = options;
  if (config.registration === 'closed') throw new ProtocolError('registration_closed');
  await rateLimits.countRegistration(ip);
  if (config.registration === 'invite' && !input.invite) throw new ProtocolError('invite_needed');
  const account: Account = {
    id: randomUUID(),
    name: input.name,
    email: input.email ?? null,
    phone: input.phone ?? null,
    username: input.username ?? null,
  };
  await commands.storeAccount(sql, {
    ...account,
    about: input.about ?? null,
    passwordHash: await credentials.hash(input.password),
    inviteHash: config.registration === 'invite' ? hashOneTimeToken(input.invite ?? '') : undefined,
  });
  return account;
}
