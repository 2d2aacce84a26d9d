/** A valid call of each endpoint for accounts and people that takes input. */
import { randomUUID } from 'node:crypto';
import { ofPerson, plainly, png, type Calls } from './call.ts';

const email = (): string => `${randomUUID()}@example.com`;
const long = 'long enough for anybody';
const guess = plainly(() => ({ body: { current_password: 'a guess' } }));
const picture = plainly(() => ({ file: png }));
const byBody = plainly((_things, { newcomer }) => ({ body: { email: newcomer.email, password: newcomer.password } }));

export const callsOfPeople: Calls = {
  'post /api/v1/auth/register': plainly(() => ({ body: { name: 'New', email: email(), password: long } })),
  'post /api/v1/auth/token': byBody,
  'post /api/v1/auth/refresh': plainly(() => ({ body: { refresh_token: 'made up' } })),
  'post /api/v1/auth/password-reset': plainly(() => ({ body: { token: 'made up', password: long } })),
  'delete /api/v1/sessions/:sessionId': {
    about: 'session',
    own: 204,
    make: ({ sessionId }) => ({ params: { sessionId } }),
  },
  'patch /api/v1/users/me': plainly(() => ({ body: { about: 'Here' } })),
  'post /api/v1/users/me/deactivate': guess,
  'delete /api/v1/users/me': guess,
  'get /api/v1/users/:userId': ofPerson(200, ({ personId }) => ({ params: { userId: personId } })),
  'put /api/v1/users/:userId/block': ofPerson(400, ({ personId }) => ({ params: { userId: personId } })),
  'delete /api/v1/users/:userId/block': ofPerson(400, ({ personId }) => ({ params: { userId: personId } })),
  'post /api/v1/reports': ofPerson(400, ({ personId }) => ({
    body: { user_id: personId, reason: 'Sells watches' },
  })),
  'put /api/v1/users/me/avatar': picture,
  'get /media/:file': plainly(() => ({ params: { file: `${'0'.repeat(64)}-256.webp` } })),

  // Systems 000 and 001
  'post /auth/register': plainly(() => ({ body: { name: 'New', email: email(), password: long } })),
  'post /auth/login': byBody,
  'post /api/v1/auth/login': byBody,
  'post /auth/jwt/login': plainly((_things, { newcomer }) => ({
    form: { username: newcomer.email, password: newcomer.password },
  })),
  'post /auth/refresh': plainly(() => ({ body: { refresh_token: 'made up' } })),
  'patch /users/me': plainly(() => ({ body: { about_me: 'Here' } })),
  'post /users/avatar': picture,
  'patch /users/:userId': ofPerson(403, ({ personId }) => ({ params: { userId: personId } })),
  'delete /users/:userId': ofPerson(403, ({ personId }) => ({ params: { userId: personId } })),
  'get /messages/:receiverId': ofPerson(200, ({ personId }) => ({ params: { receiverId: personId } })),
  'post /users/create': plainly(() => {
    const username = `new-${randomUUID().slice(0, 8)}`;
    return { body: { username, email: `${username}@example.com`, password: 'sesame' } };
  }),
  'post /users/update': plainly(() => ({ body: { first_name: 'Somebody' } })),
  'get /users/:username': { about: 'person', make: ({ username }) => ({ params: { username } }) },
  'patch /users/add_picture': picture,
  'post /users/add_picture': picture,
};
