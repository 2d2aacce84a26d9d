import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endpoints } from '../../src/protocol/api.ts';
import type { Endpoint } from '../../src/protocol/endpoint.ts';
import { plainSocket, plainStringSocket } from '../../src/protocol/plain-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { prepareDatabase, type PreparedDatabase } from '../tools/database.ts';
import { fake, fakeFile, readFake } from '../tools/files.ts';
import { load } from '../tools/load.ts';

/** What an example cannot know, since it works once or is made by others; these are refused as this. */
const withSecret: Record<string, number> = {
  'post /api/v1/auth/refresh': 401,
  'post /api/v1/auth/password-reset': 403,
  'post /auth/refresh': 403,
};

/** What stands in addresses, besides a group that James has just made. */
const params: Record<string, string> = {
  userId: fake.vincent,
  clientId: randomUUID(),
  seq: '1',
  messageId: fake.doorMessage,
};

const idOf = ({ method, path }: Endpoint): string => `${method} ${path}`;

/** The demo's data, of which each example changes a copy. */
let demo: PreparedDatabase;
beforeAll(async () => void (demo = await prepareDatabase((_sql, url) => load(url, fakeFile))));
afterAll(() => demo[Symbol.asyncDispose]());

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Record<string, string>;
}

/** Logged in, with a group of his own in which there is a message. */
async function enterAsJames({ url }: TestServer): Promise<{ authorization: string; chatId: string; groupId: string }> {
  const { email, password } = (await readFake()).users.find(({ id }) => id === fake.james)!;
  const { access_token } = await post(`${url}/api/v1/auth/token`, { email, password });
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
  const { id, group_id } = await post(
    `${url}/api/v1/chats/group`,
    { name: 'Mine', member_ids: [fake.vincent] },
    headers,
  );
  const message = `${url}/api/v1/chats/${id}/messages/${randomUUID()}`;
  await fetch(message, { method: 'PUT', headers, body: '{"text":"Hello"}' });
  return { authorization: headers.authorization, chatId: id!, groupId: group_id! };
}

const media = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

describe('an example of the documents, sent to a server with the demo’s data, is answered as documented', () => {
  const cases = endpoints
    .filter(({ example }) => example !== undefined)
    .flatMap((endpoint) =>
      (endpoint.accepts ?? ['json']).map((kind) => [`${idOf(endpoint)} as ${kind}`, kind, endpoint] as const),
    );

  test.each(cases)('%s', async (_id, kind, endpoint) => {
    await using database = await demo.clone();
    await using server = await startTestServer({ database });
    const { authorization, ...places } = await enterAsJames(server);
    const path = endpoint.path.replaceAll(/:(\w+)/g, (_all, name: string) => {
      const value = ({ ...params, ...places } as Record<string, string>)[name];
      if (value === undefined) throw new Error(`say what ${name} of ${idOf(endpoint)} is`);
      return value;
    });
    const answer = await fetch(server.url + path, {
      method: endpoint.method.toUpperCase(),
      headers: {
        'content-type': media[kind],
        ...(endpoint.auth === 'user' && { authorization }),
      },
      body:
        kind === 'json'
          ? JSON.stringify(endpoint.example)
          : new URLSearchParams(endpoint.example as Record<string, string>).toString(),
    });
    const text = await answer.text();

    const expected = withSecret[idOf(endpoint)];
    if (expected === undefined) expect(Object.keys(endpoint.answers), text).toContain(String(answer.status));
    else expect(answer.status).toBe(expected);
  });
});

test('every endpoint with a body has an example', () => {
  const without = endpoints.filter(({ body, example }) => body !== undefined && example === undefined);
  expect(without.map(idOf)).toEqual([]);
});

test.each([
  ['/ws', plainSocket],
  ['/ws?wire=string', plainStringSocket],
])('the examples of frames, sent one after the other to %s, are answered as documented', async (path, dialect) => {
  await using database = await demo.clone();
  await using server = await startTestServer({ database });
  const socket = await TestSocket.open(server.wsUrl + path);
  const ask = async (frame: unknown, answer: string): Promise<void> => {
    const came = await socket.ask(frame);
    const { schema } = dialect.serverFrames[answer]!;
    expect(schema.safeParse(came).error?.issues, JSON.stringify(came)).toBeUndefined();
  };
  const { login, message, group, seen } = dialect.clientFrames;
  await ask(login!.example, 'auth_success');
  await ask(message!.example, 'ack');
  await ask(group!.example, 'group');
  socket.send(seen!.example);
  await ask({ 'the mark was answered by nothing': true }, 'error');
  await socket.close();
});
