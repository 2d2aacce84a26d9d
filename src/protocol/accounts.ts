import { z } from 'zod';
import {
  email,
  newPassword,
  password,
  phone,
  secret,
  typedIdentifier,
  username,
  type PasswordPolicy,
} from './credentials.ts';
import { endpoint, everybody, loggedIn } from './endpoint.ts';
import type { ProtocolError } from './errors.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { limitQuery } from './paging.ts';
import { line } from './text.ts';

const identifierKeys = ['email', 'phone', 'username'] as const;

/** Also looked at when other fields are wrong, so that all mistakes are told at once. */
const always = { when: () => true };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const hasOne = (value: unknown, keys: readonly string[]): boolean =>
  isRecord(value) && keys.some((key) => Object.hasOwn(value, key) && value[key] !== undefined && value[key] !== null);

/** The body of a registration under a password policy. Null counts as absent. */
export const registration = (policy: PasswordPolicy) =>
  z
    .object({
      name: line(limits.text.maxNameCodePoints),
      email: email.nullish(),
      phone: phone.nullish(),
      username: username.nullish(),
      password: newPassword(policy),
      invite: secret.nullish(),
    })
    .refine((value) => hasOne(value, identifierKeys), {
      ...always,
      path: ['email'],
      error: 'One of email, phone and username is needed',
      params: { type: 'missing' },
    });

/** Only the form: the server that serves the endpoint adds its own policy. */
const anyPassword: PasswordPolicy = () => undefined;

export const login = z
  .object({
    identifier: typedIdentifier.nullish(),
    email: typedIdentifier.nullish(),
    phone: typedIdentifier.nullish(),
    username: typedIdentifier.nullish(),
    password,
    cookie: z
      .boolean()
      .nullish()
      .meta({ description: 'For browsers: the tokens go into HttpOnly cookies instead of the answer' }),
  })
  .refine((value) => hasOne(value, ['identifier', ...identifierKeys]), {
    ...always,
    path: ['email'],
    error: 'One of email, phone, username and identifier is needed',
    params: { type: 'missing' },
  });

export const account = z.object({
  id: uuid,
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  username: z.string().nullable(),
});
export type Account = z.output<typeof account>;

export const tokens = z.object({
  access_token: z
    .string()
    .optional()
    .meta({ description: 'JWT for `Authorization: Bearer`; absent when it went into a cookie' }),
  refresh_token: z.string().optional().meta({ description: 'Opaque, works once; absent when it went into a cookie' }),
  token_type: z.literal('bearer'),
  expires_in: z.int().meta({ description: 'Seconds until the access token expires' }),
  user_id: uuid,
  name: z.string(),
});
export type Tokens = z.output<typeof tokens>;

export const session = z.object({
  id: uuid,
  current: z.boolean().meta({ description: 'The session that asks' }),
  user_agent: z.string().nullable(),
  ip: z.string().nullable(),
  created_at: z.string(),
  last_used_at: z.string(),
  expires_at: z.string(),
  connections: z.int().meta({ description: 'Sockets that are open now' }),
});
export type Session = z.output<typeof session>;

export const connection = z.object({
  id: uuid,
  session_id: uuid,
  dialect: z.string().meta({ description: 'How the socket speaks' }),
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
  connected_at: z.string(),
  disconnected_at: z.string().nullable().meta({ description: 'Null while it is open' }),
  close_code: z
    .int()
    .nullable()
    .meta({ description: 'Of the WebSocket; null while it is open, and where nobody saw it close' }),
});
export type ConnectionRecord = z.output<typeof connection>;

/** What clients of system 004 show their people; other identifiers than the address they do not know. */
const sayTaken = ({ identifier, message }: ProtocolError): string =>
  identifier === 'email' ? 'Пользователь с таким email уже существует' : message;

export const register = endpoint({
  method: 'post',
  path: '/api/v1/auth/register',
  summary: 'Make an account',
  description: 'At least one of email, phone and username. `invite` is needed where REGISTRATION=invite.',
  tag: 'accounts',
  auth: 'public',
  whoMay: everybody(200),
  errors: ['registration_closed', 'invite_needed', 'identifier_taken'],
  says: { identifier_taken: { status: 400, detail: sayTaken } },
  body: registration(anyPassword),
  answers: { 200: { description: 'The account', schema: account } },
  example: { email: 'alice@example.com', name: 'Alice', password: 'a long enough one' },
});

export const createToken = endpoint({
  method: 'post',
  path: '/api/v1/auth/token',
  summary: 'Log in',
  description:
    'By any of the identifiers and the password. A wrong password and an unknown identifier are answered alike.',
  tag: 'accounts',
  auth: 'public',
  whoMay: everybody(200),
  errors: ['wrong_credentials', 'csrf'],
  says: { wrong_credentials: { detail: 'Неверный email или пароль' } },
  body: login,
  answers: { 200: { description: 'A new session', schema: tokens } },
  example: { email: 'nicholecarroll@example.com', password: '!0Wtg' },
});

export const refreshToken = endpoint({
  method: 'post',
  path: '/api/v1/auth/refresh',
  summary: 'Exchange a refresh token for its successor and a new access token',
  description:
    'A refresh token works once; sent again within a minute it answers with the same successor, later it ends the session. ' +
    'Without a body the cookie counts.',
  tag: 'accounts',
  auth: 'public',
  whoMay: everybody(401),
  errors: ['not_authenticated', 'session_revoked', 'csrf'],
  body: z.object({ refresh_token: secret.nullish() }),
  answers: { 200: { description: 'The session goes on', schema: tokens } },
  example: { refresh_token: 'what /api/v1/auth/token answered' },
});

export const logout = endpoint({
  method: 'post',
  path: '/api/v1/auth/logout',
  summary: 'End the session that asks',
  tag: 'accounts',
  auth: 'user',
  whoMay: loggedIn(204),
  answers: { 204: { description: 'The session has ended and its sockets are closed' } },
});

export const listSessions = endpoint({
  method: 'get',
  path: '/api/v1/sessions',
  summary: 'The devices that are logged in, the last used first',
  tag: 'accounts',
  auth: 'user',
  whoMay: loggedIn(200),
  answers: { 200: { description: 'The sessions', schema: z.array(session) } },
});

export const revokeSession = endpoint({
  method: 'delete',
  path: '/api/v1/sessions/:sessionId',
  summary: 'Log one device out',
  tag: 'accounts',
  auth: 'user',
  whoMay: loggedIn(404),
  errors: ['not_found'],
  params: z.object({ sessionId: uuid }),
  answers: { 204: { description: 'The session has ended and its sockets are closed' } },
});

export const revokeOtherSessions = endpoint({
  method: 'delete',
  path: '/api/v1/sessions',
  summary: 'Log all other devices out',
  tag: 'accounts',
  auth: 'user',
  whoMay: loggedIn(204),
  answers: { 204: { description: 'All sessions but this one have ended' } },
});

export const listConnections = endpoint({
  method: 'get',
  path: '/api/v1/connections',
  summary: 'The sockets that were logged in as the caller, the newest first',
  description: `Kept for ${limits.sockets.historyDays} days. \`before\` is the \`id\` of the last one of the page before.`,
  tag: 'accounts',
  auth: 'user',
  whoMay: loggedIn(200),
  query: z.object({ limit: limitQuery, before: uuid.optional() }),
  answers: { 200: { description: 'The connections', schema: z.array(connection) } },
});

/** The body of a password reset under a password policy. */
export const passwordReset = (policy: PasswordPolicy) => z.object({ token: secret, password: newPassword(policy) });

export const resetPassword = endpoint({
  method: 'post',
  path: '/api/v1/auth/password-reset',
  summary: 'Set a new password by the one-time link that the operator made',
  tag: 'accounts',
  auth: 'public',
  whoMay: everybody(403),
  errors: ['link_invalid'],
  body: passwordReset(anyPassword),
  answers: { 204: { description: 'The password is set and every session has ended' } },
  example: { token: 'the part of the link after #', password: 'a long enough one' },
});

export const accountEndpoints = [
  register,
  createToken,
  refreshToken,
  logout,
  listSessions,
  revokeSession,
  revokeOtherSessions,
  listConnections,
  resetPassword,
];
