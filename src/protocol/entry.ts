/** How clients of the older systems come in: paths without a version, shared by several of them. */
import { z } from 'zod';
import { tokens } from './accounts.ts';
import { email, phone, secret, typedIdentifier, usernameOf } from './credentials.ts';
import { endpoint, everybody, loggedIn } from './endpoint.ts';
import type { ProtocolError } from './errors.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { countCodePoints, findTextMistake, line } from './text.ts';

/** The shortest password of each system, and the longest where it has one of its own. In characters. */
export const passwordLengths = { direct: { min: 3 }, lobby: { min: 5, max: 24 } } as const;

/** Lengths of usernames; what they are made of is the same everywhere. */
export const usernameLengths = { direct: { min: 5, max: 32 }, lobby: { min: 5, max: 50 } } as const;

/** A person in every older system's words at once. */
export const person = z
  .object({
    id: uuid,
    user_id: uuid,
    name: z.string(),
    username: z.string().nullable(),
    email: z.string().nullable().meta({ description: 'Of others null, unless one searched for just this' }),
    phone_number: z.string().nullable().meta({ description: 'As `email`' }),
    phone: z.string().nullable(),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    about_me: z.string().nullable(),
    avatar_url: z.string().nullable().meta({ description: 'Address of the picture; null without one' }),
    picture: z.string().nullable(),
    is_active: z.boolean(),
    is_superuser: z.literal(false),
    is_verified: z.literal(false),
  })
  .meta({ id: 'DialectPerson' });
export type DialectPerson = z.output<typeof person>;

/** Any text of at most 72 bytes: what is too short is answered in each system's own words. */
export const typedPassword = z.string().superRefine((value, context) => {
  const mistake = findTextMistake(value);
  const isLong = new TextEncoder().encode(value).length > limits.password.maxBytes;
  if (mistake === undefined && !isLong) return;
  const message = mistake ?? `Password must have at most ${limits.password.maxBytes} bytes`;
  context.addIssue({ code: 'custom', message, params: { type: 'string_too_long' } });
});

/** Looked at even when other keys are wrong, so that all mistakes are told at once. */
const always = { when: () => true };

const valueOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? ((value as Record<string, unknown>)[key] ?? undefined) : undefined;

const isByPhone = (value: unknown): boolean => valueOf(value, 'phone_number') !== undefined;

const needed = (key: string) => ({ ...always, path: [key], error: 'Field required', params: { type: 'missing' } });

/** With `phone_number` one account is made, with `name` and `email` another; then the password has its full length. */
export const entryRegistration = (minLength: number) =>
  z
    .object({
      phone_number: phone.nullish(),
      name: line(limits.text.maxNameCodePoints).nullish(),
      email: email.nullish(),
      username: usernameOf(usernameLengths.direct.min, usernameLengths.direct.max).nullish(),
      about_me: line(limits.text.maxAboutCodePoints).nullish(),
      password: typedPassword,
      invite: secret.nullish(),
    })
    .refine((value) => isByPhone(value) || valueOf(value, 'name') !== undefined, needed('name'))
    .refine((value) => isByPhone(value) || valueOf(value, 'email') !== undefined, needed('email'))
    .refine(
      (value) => {
        const password = valueOf(value, 'password');
        return isByPhone(value) || typeof password !== 'string' || countCodePoints(password) >= minLength;
      },
      {
        ...always,
        path: ['password'],
        error: `Password should have at least ${minLength} characters`,
        params: { type: 'string_too_short' },
      },
    );

/** What the error itself says. */
const asIs = ({ detail }: ProtocolError): unknown => detail;

export const registerAtRoot = endpoint({
  method: 'post',
  path: '/auth/register',
  summary: 'Make an account by phone number, or by name and e-mail address',
  description:
    'With `phone_number` the password has at least 3 characters and a taken identifier is a 400; without it `name` and ' +
    '`email` are needed, the password has at least 8 and a taken address is a 409. `invite` is needed where ' +
    'REGISTRATION=invite.',
  tag: 'direct',
  auth: 'public',
  whoMay: everybody(201),
  errors: ['registration_closed', 'invite_needed', 'identifier_taken', 'weak_password'],
  says: { weak_password: { detail: asIs } },
  body: entryRegistration(limits.password.minLength),
  answers: { 201: { description: 'The account', schema: person } },
  example: { phone_number: '+79999999999', password: 'password' },
});

const loginKeys = ['username', 'email', 'phone_number', 'phone'] as const;

const loginBody = z
  .object({
    username: typedIdentifier.nullish().meta({
      description: 'In a form any identifier: with an @ an e-mail address, beginning with + a phone number',
    }),
    email: typedIdentifier.nullish(),
    phone_number: typedIdentifier.nullish(),
    phone: typedIdentifier.nullish(),
    password: typedPassword,
  })
  .refine((value) => loginKeys.some((key) => valueOf(value, key) !== undefined), needed('username'));
export type EntryLogin = z.output<typeof loginBody>;

const loginExample = { email: 'nicholecarroll@example.com', password: '!0Wtg' };

export const logInAtRoot = endpoint({
  method: 'post',
  path: '/auth/login',
  summary: 'Log in',
  description:
    'By JSON or by a form. What is wrong with the identifier or the password is answered alike: as 401 to JSON, as 400 to a form.',
  tag: 'direct',
  auth: 'public',
  whoMay: everybody(200),
  errors: ['wrong_credentials'],
  accepts: ['json', 'form'],
  body: loginBody,
  answers: { 200: { description: 'A new session', schema: tokens } },
  example: loginExample,
});

export const logInByForm = endpoint({
  method: 'post',
  path: '/auth/jwt/login',
  summary: 'Log in by a form',
  tag: 'direct',
  auth: 'public',
  whoMay: everybody(200),
  errors: ['wrong_credentials'],
  says: { wrong_credentials: { status: 400, detail: 'LOGIN_BAD_CREDENTIALS' } },
  accepts: ['form'],
  body: z.object({ username: typedIdentifier, password: typedPassword }),
  answers: { 200: { description: 'A new session', schema: tokens } },
  example: { username: 'nicholecarroll@example.com', password: '!0Wtg' },
});

export const logOutAtRoot = endpoint({
  method: 'post',
  path: '/auth/jwt/logout',
  summary: 'End the session that asks',
  tag: 'direct',
  auth: 'user',
  whoMay: loggedIn(204),
  answers: { 204: { description: 'The session has ended: its tokens fail and its sockets are closed' } },
});

const invalidToken = { status: 403, detail: 'Invalid token' } as const;

export const refreshAtRoot = endpoint({
  method: 'post',
  path: '/auth/refresh',
  summary: 'Exchange a refresh token for a new pair',
  description:
    'The body is the token as a JSON string, or an object with it. It works once; sent again within a minute it answers with ' +
    'the same successor, later it ends the session.',
  tag: 'lobby',
  auth: 'public',
  whoMay: everybody(403),
  errors: ['not_authenticated', 'session_revoked'],
  says: { not_authenticated: invalidToken, session_revoked: invalidToken },
  body: z.union([secret, z.object({ refresh_token: secret })]),
  answers: { 200: { description: 'The session goes on', schema: tokens } },
  example: { refresh_token: 'what /auth/login answered' },
});

export const entryEndpoints = [registerAtRoot, logInAtRoot, logInByForm, logOutAtRoot, refreshAtRoot];
