import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../faults/node-process.ts';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeFolder } from './files.ts';
import { startScript } from './program.ts';

let server: TestServer;
let alice: Actor;
let bob: Actor;
let carol: Actor;
let folder: Awaited<ReturnType<typeof makeFolder>>;
const successors: TestServer[] = [];
beforeAll(async () => {
  // It goes and comes back: nobody may take its port meanwhile.
  server = await startTestServer({ config: { port: await findFreePort() } });
  folder = await makeFolder();
  [alice, bob, carol] = await createActors(server, 'Alice', 'Bob', 'Carol');
});
afterAll(async () => {
  for (const successor of successors) await successor[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const chatAs = (actor: Actor, ...args: string[]) =>
  startScript('chat', {
    args: ['--url', server.url, '--as', actor.email, '--state-dir', folder.path, ...args],
    env: { MESSENGER_PASSWORD: actor.password },
  });

const readTexts = async (actor: Actor, chatId: string): Promise<string[]> => {
  const response = await fetch(`${server.url}/history/${chatId}?limit=100&offset=0`, { headers: actor.authorization });
  return ((await response.json()) as { text: string }[]).map(({ text }) => text);
};

describe('npm run chat', { timeout: 60_000 }, () => {
  it('lets two people talk, and each sees how far the other has got', async () => {
    const { chatId } = await createGroup(server, [alice, bob], 'Lighthouse');
    await using a = chatAs(alice, '--open', chatId);
    await using b = chatAs(bob);
    await a.until('Lighthouse');
    await b.until('1. Lighthouse');
    a.type('Hello, Bob!');
    await a.until(/^✓ #1 Hello, Bob!/m);
    await b.until('[1 Lighthouse] Alice: Hello, Bob!');
    b.type('/1');
    await b.until(/#1 Alice: Hello, Bob!/);
    await a.until(/^👁 #1 seen by all/m);
    b.type('/reply 1 Hello, Alice!');
    await a.until('↪ #1 You: Hello, Bob!');
    await a.until(/#2 Bob: Hello, Alice!/);
    a.type('/react 2 :heart:', '/edit 1 Hello, dear Bob!');
    await b.until('* #2 ❤️1');
    await b.until('* #1 Alice now says: Hello, dear Bob!');
    a.type('/readers 1');
    await a.until(/^ {2}.*\d\d:\d\d Bob$/m);
    a.type('/pin 2', '/delete 1', '/who', '/quit');
    await b.until('* 📌 #2 pinned by Alice');
    await b.until('* #1 was deleted');
    expect(await a.exitCode).toBe(0);
    expect(a.output).toContain('Bob  ');
    b.end();
    expect(await b.exitCode).toBe(0);
  });

  it('keeps what is written while the server is away, also over its own end, and sends it once', async () => {
    const { chatId } = await createGroup(server, [alice, bob], 'Cellar');
    const { port } = new URL(server.url);
    const state = ['--device', 'cellar', '--open', chatId];
    {
      await using a = chatAs(alice, ...state, '--timeout', '10');
      await a.until('Cellar');
      await server.drain();
      await a.until('No connection. What you write waits');
      a.type('Is anybody there?');
      await a.until(/You: Is anybody there\?  ⏳/);
      a.end();
      expect(await a.exitCode).toBe(3);
      expect(a.output).toContain('1 message waits to be sent; the next start sends it.');
    }
    const again = await startTestServer({ database: { url: server.databaseUrl }, config: { port: Number(port) } });
    try {
      await using a = chatAs(alice, ...state);
      await expect.poll(() => readTexts(bob, chatId)).toEqual(['Is anybody there?']);
      await a.until('#1');
      a.type('/outbox');
      await a.until('Nothing waits.');
      a.end();
      expect(await a.exitCode).toBe(0);
    } finally {
      await again[Symbol.asyncDispose]();
      const successor = await startTestServer({
        database: { url: server.databaseUrl },
        config: { port: Number(port) },
      });
      successors.push(successor);
    }
  });

  it('keeps what was refused until it is dropped, and does not say that it will be sent', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const state = ['--open', chatId, '--device', 'refused'];
    await using a = chatAs(alice, ...state);
    a.type('/reply 9 Too early');
    a.end();
    expect(await a.exitCode, a.complaints).toBe(1);
    expect(a.output).toContain('1 message was not sent: /retry or /drop at the next start.');
    expect(a.output).not.toContain('waits to be sent');
    await using again = chatAs(alice, ...state);
    again.type('/drop');
    again.end();
    expect(await again.exitCode).toBe(0);
  });

  it('needs no password a second time, and forgets the login when it is told', async () => {
    const state = ['--device', 'kept'];
    await using first = chatAs(bob, ...state);
    first.end();
    expect(await first.exitCode, first.complaints).toBe(0);
    const withoutPassword = (...args: string[]) =>
      startScript('chat', {
        args: ['--url', server.url, '--as', bob.email, '--state-dir', folder.path, ...state, ...args],
        env: { LANG: 'ru_RU.UTF-8' },
      });
    await using second = withoutPassword();
    await second.until('Вы — Bob.');
    second.end();
    expect(await second.exitCode).toBe(0);
    await using forgets = withoutPassword('--forget');
    expect(await forgets.exitCode).toBe(0);
    expect(forgets.output).toContain('Вход забыт.');
    await using third = withoutPassword();
    expect(await third.exitCode).toBe(2);
    expect(third.complaints).toContain('MESSENGER_PASSWORD');
  });

  it('makes groups, finds people, talks to one, and says what went wrong in the language of whoever reads it', async () => {
    await using a = chatAs(alice, '--lang', 'ru', '--device', 'groups');
    await a.until('Вы — Alice.');
    a.type(`/search ${bob.name}`, `/group "North tower" ${bob.email} ${carol.email}`, '/who', '/rename South tower');
    await a.until('── North tower · 3 участника ──');
    await a.until('группа изменена: South tower');
    a.type(`/remove Carol`, '/role Bob admin', '/react 99 👍', '/role Bob king', '/leave', '/fly');
    await a.until('больше не здесь: Carol');
    await a.until('Bob: админ');
    await a.until('! Сообщения #99 здесь нет.');
    await a.until('! «king» — не роль');
    await a.until('! Чтобы продолжить, наберите: /leave yes');
    await a.until('! Команды /fly нет.');
    a.type(`/direct ${carol.email}`, 'Привет, @Carol!', '/as nobody');
    await a.until(/^✓ #1 Привет/m);
    a.end();
    expect(await a.exitCode).toBe(1);
  });

  it.each([
    ['an unknown chat', '/open Nowhere'],
    ['a number that is none of the list', '/99'],
    ['an unknown person', '/direct nobody@nowhere.example'],
    ['a group with an unknown person', '/group Secret nobody@nowhere.example'],
    ['a command that does not exist', '/oepn Door'],
    ['a login that fails', '/as nobody@nowhere.example'],
  ])('says nothing in the chat before, where a script asks for %s', async (_what, line) => {
    const { chatId } = await createGroup(server, [alice, bob], 'Open');
    await using a = chatAs(alice, '--open', chatId, '--device', 'lost');
    a.type('for this chat', line, 'for another one');
    a.end();
    expect(await a.exitCode).toBe(1);
    expect(a.output).toMatch(/^! /m);
    expect(await readTexts(bob, chatId)).toEqual(['for this chat']);
  });

  it('shows the raw protocol without what lets its reader in', async () => {
    await using a = chatAs(alice, '--frames', '--device', 'frames');
    a.end();
    expect(await a.exitCode).toBe(0);
    expect(a.output).toMatch(/^→ \{"type":"login"/m);
    expect(a.output).toMatch(/^← \{"type":"ready"/m);
    expect(a.output).not.toContain(alice.password);
    expect(a.output).not.toMatch(/eyJ[\w-]+\./);
  });

  it('keeps what others call themselves and write from acting on the terminal', async () => {
    const { chatId } = await createGroup(server, [bob, alice], 'Trap \u202e\u2066 x');
    const text = 'nice\u202eevil\u2028#9 You: I agree';
    const sent = await fetch(`${server.url}/api/v1/chats/${chatId}/messages/${randomUUID()}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', ...bob.authorization },
      body: JSON.stringify({ text }),
    });
    expect(sent.ok).toBe(true);
    await using a = chatAs(alice, '--open', chatId, '--device', 'trap');
    await a.until('Bob: niceevil');
    expect(a.output).toContain('\n      | #9 You: I agree');
    expect(a.output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e\u2066]/);
  });

  it('ends with 1 at a wrong password, and when the session is ended elsewhere', async () => {
    await using wrong = startScript('chat', {
      args: ['--url', server.url, '--as', alice.email, '--state-dir', folder.path, '--device', 'wrong'],
      env: { MESSENGER_PASSWORD: 'not this one' },
    });
    expect(await wrong.exitCode).toBe(1);
    expect(wrong.complaints).toContain('Wrong identifier or password.');
    await using a = chatAs(carol, '--device', 'ended');
    await a.until('You are Carol.');
    const answer = await fetch(`${server.url}/api/v1/sessions`, { method: 'DELETE', headers: carol.authorization });
    expect(answer.status).toBe(204);
    expect(await a.exitCode).toBe(1);
    expect(a.output).toContain('You are logged out: ');
  });
});
