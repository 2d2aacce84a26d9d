import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import compression from 'compression';
import express, { type Express } from 'express';
import { expect, test } from 'vitest';
import { endpoints } from '../../src/protocol/api.ts';
import { ProtocolError } from '../../src/protocol/errors.ts';
import { toErrorBody } from '../../src/server/http/errors.ts';
import { listRoutesOf } from '../security/routes.ts';
import { findAnswerMistake, type Answer } from '../support/answers/check.ts';
import { pages } from '../support/answers/pages.ts';
import { takeMistakes } from '../support/answers/watch.ts';
import { startTestServer } from '../support/server.ts';

const json = 'application/json; charset=utf-8';
const route = '/history/:chatId';
const address = `/history/${randomUUID()}`;
const row = {
  id: randomUUID(),
  sender_id: randomUUID(),
  chat_id: randomUUID(),
  text: 'Hello',
  timestamp: '2025-05-04T04:45:50Z',
  seen: true,
};
const sessions = { method: 'DELETE', route: '/api/v1/sessions' };
const denied = toErrorBody(new ProtocolError('access_denied'));

interface Given extends Partial<Omit<Answer, 'body'>> {
  body?: unknown;
}

const judge = ({ body = [row], ...given }: Given): string | undefined => {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return findAnswerMistake({ method: 'GET', route, status: 200, type: json, body: bytes, ...given });
};

/** An application that answers at a real address as it should not. */
async function ask(prepare: (app: Express) => void, path: string): Promise<void> {
  const app = express();
  prepare(app);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    await (await fetch(`http://127.0.0.1:${port}${path}`)).arrayBuffer();
  } finally {
    server.close();
  }
}

test('every route of a server is an endpoint of the contract or a page of a short list', async () => {
  const { started, routes } = await listRoutesOf(() => startTestServer());
  await using _ = started;
  const described = new Set(endpoints.map(({ method, path }) => `${method} ${path}`));
  const others = routes.filter((id) => !described.has(id) && !id.startsWith('_all '));

  expect(others.toSorted()).toEqual(pages.toSorted());
});

test('answers as documented are fine', () => {
  expect(judge({})).toBeUndefined();
  expect(judge({ method: 'HEAD', body: '' })).toBeUndefined();
  expect(judge({ ...sessions, status: 204, type: undefined, body: '' })).toBeUndefined();
  expect(judge({ status: 401, body: toErrorBody(new ProtocolError('not_authenticated')) })).toBeUndefined();
  expect(judge({ route: undefined, status: 404, body: toErrorBody(new ProtocolError('not_found')) })).toBeUndefined();
});

test.each<[string, Given, string]>([
  ['a status that is not documented', { status: 418, body: denied }, 'the status is not documented'],
  ['a key that is missing', { body: [{ ...row, id: undefined }] }, '"missingProperty":"id"'],
  ['a value of another type', { body: [{ ...row, seen: 1 }] }, '/0/seen must be boolean'],
  ['a key that nobody documented', { body: [{ ...row, token: 'secret' }] }, '"unevaluatedProperty":"token"'],
  ['text that is not JSON', { body: '[' }, 'the body is not JSON'],
  ['another content type', { type: 'text/html', body: '<p>' }, 'text/html is documented as application/json'],
  ['no content type', { type: undefined }, 'no content-type'],
  ['a body where none is documented', { ...sessions, status: 204 }, 'there is a body'],
  ['an error without a code', { status: 401, body: { detail: 'x' } }, '"missingProperty":"code"'],
  ['an error of more than errors have', { status: 401, body: { ...denied, sql: 'select' } }, '"sql"'],
  ['a route that is no endpoint', { route: '/api/v1/secrets' }, 'no endpoint of the contract'],
  ['a refusal under a wrong status', { route: undefined, status: 404, body: denied }, 'is not answered as 404'],
])('is found: %s', (_what, given, text) => {
  expect(judge(given)).toContain(text);
});

test('a wrong answer of a server in this process is found, and named by method, path and status', async () => {
  await ask((app) => app.get(route, (_request, response) => void response.json([{ id: 'x' }])), `${address}?limit=1`);

  expect(await takeMistakes()).toEqual([
    expect.stringMatching(/^GET \/history\/:chatId answered 200: .*"missingProperty".*\(\/history\/.*limit=1\)$/),
  ]);
});

test('compressed and in pieces it is found too', async () => {
  const many = Array.from({ length: 100 }, () => row);
  const answer = (rows: unknown[]) => (app: Express) => {
    app.use(compression({ threshold: 0 }));
    app.get(route, (_request, response) => {
      const text = JSON.stringify(rows);
      response.type('json').write(text.slice(0, 1_000));
      response.end(text.slice(1_000));
    });
  };
  await ask(answer(many), address);
  expect(await takeMistakes()).toEqual([]);
  await ask(answer([...many, { ...row, seen: 'yes' }]), address);

  expect(await takeMistakes()).toEqual([expect.stringContaining('/100/seen must be boolean')]);
});

test('a route beside the contract is found', async () => {
  const prepare = (app: Express): void => {
    app.get('/api/v1/sessions', () => undefined);
    app.get('/secret', (_request, response) => void response.json({}));
  };
  await ask(prepare, '/secret');

  expect(await takeMistakes()).toEqual([expect.stringContaining('this route is no endpoint of the contract')]);
});

test('a toy of a test may answer what it likes at addresses of its own', async () => {
  await ask((app) => app.get('/toy/:id', (_request, response) => void response.status(418).send('tea')), '/toy/1');

  expect(await takeMistakes()).toEqual([]);
});
