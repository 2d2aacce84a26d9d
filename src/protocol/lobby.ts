/** The dialect of system 001: a public lobby, and private messages by `/pm`. */
import { z } from 'zod';
import { email, phone, secret, usernameOf } from './credentials.ts';
import { endpoint, everybody, loggedIn } from './endpoint.ts';
import { passwordLengths, person, usernameLengths } from './entry.ts';
import { limits } from './limits.ts';
import type { SocketDescription } from './socket.ts';
import { countCodePoints, findTextMistake, line, messageText } from './text.ts';

const taken = {
  identifier_taken: { status: 400, detail: 'User with this email or username already exists' },
} as const;

const { min, max } = passwordLengths.lobby;

const newPassword = z.string().superRefine((value, context) => {
  const complain = (message: string, type: string): void =>
    context.addIssue({ code: 'custom', message, params: { type } });
  const mistake = findTextMistake(value);
  if (mistake !== undefined) complain(mistake, 'string_value');
  const length = countCodePoints(value);
  if (length < min) complain(`Password should have at least ${min} characters`, 'string_too_short');
  const isLong = new TextEncoder().encode(value).length > limits.password.maxBytes;
  if (length > max || isLong) complain(`Password should have at most ${max} characters`, 'string_too_long');
});

export const createPerson = endpoint({
  method: 'post',
  path: '/users/create',
  summary: 'Make an account by e-mail address and username',
  description: '`invite` is needed where REGISTRATION=invite.',
  tag: 'lobby',
  auth: 'public',
  whoMay: everybody(200),
  errors: ['registration_closed', 'invite_needed', 'identifier_taken'],
  says: taken,
  body: z.object({
    email,
    username: usernameOf(usernameLengths.lobby.min, usernameLengths.lobby.max),
    password: newPassword,
    invite: secret.nullish(),
  }),
  answers: { 200: { description: 'The account', schema: person } },
  example: { email: 'alice@example.com', username: 'alice', password: 'sesame' },
});

const optionalLine = line(limits.text.maxNameCodePoints).nullish();

export const updatePerson = endpoint({
  method: 'post',
  path: '/users/update',
  summary: 'Change oneself',
  description: 'Absent stays as it is, null removes; there is no account without an e-mail address here.',
  tag: 'lobby',
  auth: 'user',
  whoMay: loggedIn(200),
  errors: ['identifier_taken', 'identifier_needed'],
  says: taken,
  body: z.object({
    email: email.optional(),
    first_name: optionalLine,
    last_name: optionalLine,
    phone: phone.nullish(),
  }),
  answers: { 200: { description: 'Oneself as one is now', schema: person } },
  example: { first_name: 'Alice', last_name: null },
});

export const getPerson = endpoint({
  method: 'get',
  path: '/users/:username',
  summary: 'The person with a username',
  description: 'By id nobody is shown: that is for superusers, of whom there are none.',
  tag: 'lobby',
  auth: 'user',
  whoMay: { ...loggedIn(200), unknown: 404 },
  errors: ['unknown_user', 'access_denied'],
  says: { access_denied: { detail: 'Forbidden' } },
  params: z.object({ username: z.string() }),
  answers: { 200: { description: 'The person', schema: person } },
});

const added = z.object({ message: z.string(), picture: z.string() });

const addPicture = {
  path: '/users/add_picture',
  summary: 'Set the own picture',
  tag: 'lobby',
  auth: 'user',
  whoMay: loggedIn(200),
  errors: ['invalid_image'],
  upload: { fields: ['file'], maxBytes: limits.uploads.avatarBytes },
  answers: { 200: { description: 'Where the picture is', schema: added } },
} as const;

export const patchPicture = endpoint({ method: 'patch', ...addPicture });
export const postPicture = endpoint({ method: 'post', ...addPicture });

export const lobbyPage = endpoint({
  method: 'get',
  path: '/messenger/',
  summary: 'The web client, at the address that this system had its page at',
  tag: 'lobby',
  auth: 'public',
  whoMay: everybody(200),
  answers: { 200: { description: 'The page', media: 'text/html' } },
});

export const lobbyEndpoints = [createPerson, updatePerson, patchPicture, postPicture, getPerson, lobbyPage];

const stamp = String.raw`\[\d{2}/\d{2}/\d{2} \d{2}:\d{2}\]`;

export const lobbySocket: SocketDescription = {
  name: 'lobby',
  title: 'Lobby',
  description:
    'Lines of text. A line goes to everybody in the lobby and is not kept; `/pm user text` goes to one person, is kept and shown to both. ' +
    `At connecting the last ${limits.lobby.shownAtConnecting} private messages that one was sent come first. ` +
    'Private messages that were written by another way appear in the same form. A missing or bad token is refused with an HTTP error. Times are in UTC.',
  address: '/messenger/ws/',
  query: z.object({ token: z.string().meta({ description: 'An access token' }) }),
  contentType: 'text/plain',
  clientFrames: {
    private: {
      schema: z.string().regex(/^\/pm\s+\S+\s+\S/),
      summary: 'Writes to a person, by username or e-mail address. Answered by the message itself.',
      example: '/pm bob Hello',
    },
    lobby: {
      schema: messageText,
      summary: `Says something to everybody in the lobby, in at most ${limits.lobby.maxCodePoints} characters.`,
      example: 'Hello all',
    },
  },
  serverFrames: {
    private: {
      schema: z.string().regex(new RegExp(`^${stamp} .* для .*: `, 's')),
      summary: 'A private message that one wrote or was sent.',
      example: '[04/05/25 04:45] alice для bob: Hello',
    },
    lobby: {
      schema: z.string().regex(new RegExp(`^${stamp} .*: `, 's')),
      summary: 'Somebody in the lobby, perhaps oneself, said something.',
      example: '[04/05/25 04:45] alice: Hello all',
    },
    notice: {
      schema: z.string().regex(/^(?!\[)/),
      summary: 'The person written to is not there now, or why a line was refused.',
      example: "Пользователь 'bob' сейчас не в сети, он увидит Ваше сообщение когда зайдет в чат.",
    },
  },
};
