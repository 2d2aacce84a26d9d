import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeFolder } from './files.ts';
import { startScript } from './program.ts';

let server: TestServer;
let alice: Actor;
let bob: Actor;
let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeAll(async () => {
  server = await startTestServer();
  folder = await makeFolder();
  [alice, bob] = await createActors(server, 'Alice', 'Bob');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const sendAs = (actor: Actor, ...args: string[]) =>
  startScript('send', {
    args: ['--url', server.url, '--as', actor.email, '--state-dir', folder.path, '--device', randomUUID(), ...args],
    env: { MESSENGER_PASSWORD: actor.password },
  });

const readTexts = async (actor: Actor, chatId: string): Promise<string[]> => {
  const response = await fetch(`${server.url}/history/${chatId}?limit=100&offset=0`, { headers: actor.authorization });
  return ((await response.json()) as { text: string }[]).map(({ text }) => text);
};

describe('npm run send', { timeout: 60_000 }, () => {
  it('sends its words as one message and says where it is stored, once however often it runs', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const clientId = randomUUID();
    const args = ['--chat', chatId, '--client-id', clientId, 'Are', 'you there?'];
    await using first = sendAs(alice, ...args);
    expect(await first.exitCode, first.complaints).toBe(0);
    expect(first.output).toBe(`#1 ${clientId}\n`);
    await using again = sendAs(alice, ...args);
    expect(await again.exitCode).toBe(0);
    expect(again.output).toBe(`#1 ${clientId} (again)\n`);
    expect(await readTexts(bob, chatId)).toEqual(['Are you there?']);
  });

  it('sends every line of its input in order, and the same file again sends nothing twice', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const lines = Array.from({ length: 150 }, (_, i) => `line ${i + 1}`);
    const args = ['--chat', chatId, '--json', '--client-id', randomUUID()];
    for (const duplicate of [false, true]) {
      await using script = sendAs(alice, ...args);
      script.type(...lines.slice(0, 70), '', ...lines.slice(70));
      script.end();
      expect(await script.exitCode, script.complaints).toBe(0);
      const acks = script.output.trim().split('\n').map((line) => JSON.parse(line) as object); // prettier-ignore
      expect(acks).toMatchObject(lines.map((_, i) => ({ type: 'ack', chat_id: chatId, seq: i + 1, duplicate })));
    }
    expect(await readTexts(bob, chatId)).toHaveLength(100);
  });

  it('finds a person by address and opens a chat with them', async () => {
    await using script = sendAs(alice, '--to', bob.email, 'Hello, Bob!');
    expect(await script.exitCode, script.complaints).toBe(0);
    expect(script.output).toMatch(/^#1 /);
  });

  it('finds a person by username, whoever else is called so', async () => {
    const post = async (path: string, body: object): Promise<{ id: string }> => {
      const headers = { 'content-type': 'application/json', ...alice.authorization };
      const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await answer.json()) as { id: string };
    };
    const password = 'correct horse';
    await post('/api/v1/auth/register', { name: 'Zoe', email: 'zoe@example.com', password });
    const zoe = await post('/api/v1/auth/register', { name: 'Zoe Zimmer', username: 'zoe', password });
    const { id: chatId } = await post('/api/v1/chats/personal', { member_ids: [zoe.id] });
    for (const to of ['zoe', '@Zoe']) {
      await using script = sendAs(alice, '--to', to, '--json', 'Hello');
      expect(await script.exitCode, script.complaints).toBe(0);
      expect(JSON.parse(script.output)).toMatchObject({ chat_id: chatId });
    }
  });

  it('says what was refused and ends with 1; the rest is stored', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    await using script = sendAs(alice, '--chat', chatId, '--json');
    script.type('one', 'x'.repeat(9_000), 'three');
    script.end();
    expect(await script.exitCode).toBe(1);
    const [one, two, three] = script.output.trim().split('\n').map((line) => JSON.parse(line) as object); // prettier-ignore
    expect(one).toMatchObject({ type: 'ack', seq: 1 });
    expect(two).toMatchObject({ type: 'error', line: 2, code: 'invalid_request' });
    expect(three).toMatchObject({ type: 'ack', seq: 2 });
    expect(await readTexts(bob, chatId)).toEqual(['one', 'three']);
  });

  it('says why it ends: wrong use, no such chat or person, nobody there', async () => {
    await using misused = sendAs(alice, 'Hello');
    await using nowhere = sendAs(alice, '--chat', 'Nowhere', 'Hello');
    await using nobody = sendAs(alice, '--to', 'nobody@example.com', 'Hello');
    await using alone = startScript('send', {
      args: ['--url', 'ws://127.0.0.1:9', '--as', 'a', '--to', 'b', '--timeout', '1', '--state-dir', folder.path, 'Hi'],
      env: { MESSENGER_PASSWORD: 'x', LANG: 'ru_RU.UTF-8' },
    });
    expect(await misused.exitCode).toBe(2);
    expect(misused.complaints).toBe('One of --chat and --to is needed.\n');
    expect(await nowhere.exitCode).toBe(1);
    expect(nowhere.complaints).toContain('There is no chat "Nowhere".');
    expect(await nobody.exitCode).toBe(1);
    expect(nobody.complaints).toContain('Nobody is called "nobody@example.com".');
    expect(await alone.exitCode).toBe(3);
    expect(alone.complaints).toContain('Не удалось вовремя связаться с http://127.0.0.1:9.');
  });
});
