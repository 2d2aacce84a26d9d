/** The dialect of system 000: people by phone number, and a socket for each conversation. */
import { z } from 'zod';
import { email, phone, typedIdentifier, usernameOf } from './credentials.ts';
import { endpoint, everybody, loggedIn } from './endpoint.ts';
import { person, typedPassword, usernameLengths } from './entry.ts';
import type { ProtocolError } from './errors.ts';
import { uuid } from './ids.ts';
import { limits } from './limits.ts';
import { limitQuery, offsetQuery, offsetQueryUpTo } from './paging.ts';
import type { SocketDescription } from './socket.ts';
import { line, messageText } from './text.ts';

export const getSelf = endpoint({
  method: 'get',
  path: '/users/me',
  summary: 'Oneself',
  tag: 'direct',
  auth: 'user',
  whoMay: loggedIn(200),
  says: { not_authenticated: { detail: 'Unauthorized' }, session_revoked: { detail: 'Unauthorized' } },
  answers: { 200: { description: 'Oneself, in the words of every older system', schema: person } },
});

/** What each taken identifier is called. */
export const takenDetails = {
  email: 'User with this email already exists',
  phone: 'User with this phone number already exists',
  username: 'User with this username already exists',
} as const;

const sayTaken = ({ identifier = 'email' }: ProtocolError): string =>
  identifier === 'email' ? 'UPDATE_USER_EMAIL_ALREADY_EXISTS' : takenDetails[identifier];

export const changeSelf = endpoint({
  method: 'patch',
  path: '/users/me',
  summary: 'Change oneself',
  description: 'Absent stays as it is, null removes. A changed password ends all other sessions.',
  tag: 'direct',
  auth: 'user',
  whoMay: loggedIn(200),
  errors: ['identifier_taken', 'identifier_needed', 'weak_password'],
  says: {
    identifier_taken: { status: 400, detail: sayTaken },
    weak_password: { detail: ({ detail }) => detail },
  },
  body: z.object({
    phone_number: phone.nullish(),
    email: email.nullish(),
    username: usernameOf(limits.text.minUsernameCodePoints, usernameLengths.lobby.max).nullish(),
    about_me: line(limits.text.maxAboutCodePoints).nullish(),
    password: typedPassword.nullish(),
  }),
  answers: { 200: { description: 'Oneself as one is now', schema: person } },
  example: { about_me: 'Behind the lighthouse' },
});

/** How many people a search looks at, at most. */
const maxFound = 1_000;

export const findPeople = endpoint({
  method: 'get',
  path: '/users/',
  summary: 'Find people',
  description:
    'Whoever fits every filter: `username` by its beginning, `phone_number` and `email` exactly; case does not matter. ' +
    'Without a filter nobody is found.',
  tag: 'direct',
  auth: 'user',
  whoMay: loggedIn(200),
  query: z.object({
    phone_number: typedIdentifier.optional(),
    email: typedIdentifier.optional(),
    username: typedIdentifier.optional(),
    limit: limitQuery,
    offset: offsetQueryUpTo(maxFound),
  }),
  answers: { 200: { description: 'The people, by username', schema: z.array(person) } },
});

const picture = z.object({ avatar_url: z.string().meta({ description: 'Address of the picture' }) });

export const putPicture = endpoint({
  method: 'post',
  path: '/users/avatar',
  summary: 'Set the own picture',
  tag: 'direct',
  auth: 'user',
  whoMay: loggedIn(200),
  errors: ['invalid_image'],
  upload: { fields: ['avatar'], maxBytes: limits.uploads.avatarBytes },
  answers: { 200: { description: 'Where the picture is', schema: picture } },
});

const forbidden = { access_denied: { detail: 'Forbidden' } } as const;
const ofPerson = { params: z.object({ userId: z.string() }), errors: ['access_denied'], says: forbidden } as const;

export const changePerson = endpoint({
  method: 'patch',
  path: '/users/:userId',
  summary: 'Change somebody: for superusers, of whom there are none',
  tag: 'direct',
  auth: 'user',
  whoMay: loggedIn(403),
  ...ofPerson,
  answers: { 200: { description: 'Never answered' } },
});

export const deletePerson = endpoint({
  method: 'delete',
  path: '/users/:userId',
  summary: 'Delete somebody: for superusers, of whom there are none',
  tag: 'direct',
  auth: 'user',
  whoMay: loggedIn(403),
  ...ofPerson,
  answers: { 200: { description: 'Never answered' } },
});

export const directMessage = z
  .object({
    sender_id: uuid,
    receiver_id: uuid,
    content: z.string(),
    timestamp: z.string().meta({ description: 'In UTC with `Z`' }),
  })
  .meta({ id: 'DirectMessage' });

export const listDirectMessages = endpoint({
  method: 'get',
  path: '/messages/:receiverId',
  summary: 'What two people wrote to each other, the oldest first',
  tag: 'direct',
  auth: 'user',
  whoMay: loggedIn(200),
  params: z.object({ receiverId: uuid }),
  query: z.object({ limit: limitQuery, offset: offsetQuery }),
  answers: {
    200: { description: 'The messages of both; none where there is no such person', schema: z.array(directMessage) },
  },
});

export const directPage = endpoint({
  method: 'get',
  path: '/chat',
  summary: 'The web client, at the address that this system had its page at',
  tag: 'direct',
  auth: 'public',
  whoMay: everybody(200),
  answers: { 200: { description: 'The page', media: 'text/html' } },
});

/** Before the address of one person, which would take `me` for a name. */
export const directEndpoints = [
  getSelf,
  changeSelf,
  findPeople,
  putPicture,
  changePerson,
  deletePerson,
  listDirectMessages,
  directPage,
];

/** What a line begins with that is the server's own. */
export const directErrorMark = '⚠ ';

export const directSocket: SocketDescription = {
  name: 'direct',
  title: 'Direct',
  description:
    'A socket for one conversation: each frame is a text, nothing else. What one sends is stored in the direct chat with the receiver; ' +
    'what comes is what the receiver wrote there, by whatever way. One’s own texts are not echoed. ' +
    'A bad token, an unknown or malformed receiver and oneself are refused at the handshake with an HTTP error.',
  address: '/ws/{receiverId}/{token}',
  parameters: { receiverId: 'Id of the person to talk with', token: 'An access token' },
  contentType: 'text/plain',
  clientFrames: {
    text: { schema: messageText, summary: 'Sends a message. Nothing answers but an error.', example: 'Hello' },
  },
  serverFrames: {
    text: { schema: z.string().min(1), summary: 'A message of the receiver’s.', example: 'Hello' },
    error: {
      schema: z.string().regex(new RegExp(`^${directErrorMark}`)),
      summary: 'The text just sent was not stored, and why.',
      example: `${directErrorMark}Text must not be empty`,
    },
  },
};
