import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../faults/node-process.ts';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { makeFolder } from './files.ts';
import { startScript } from './program.ts';

let database: TestDatabase;
let server: TestServer;
let alice: Actor;
let bob: Actor;
let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeAll(async () => {
  database = await createDatabase();
  folder = await makeFolder();
  // It goes and comes back: nobody may take its port meanwhile.
  server = await startTestServer({ database, config: { port: await findFreePort() } });
  [alice, bob] = await createActors(server, 'Alice', 'Bob');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The server goes down and comes back at the same address; `between` runs while it is away. */
async function restart(between: () => Promise<void>): Promise<void> {
  const { port } = new URL(server.url);
  await server[Symbol.asyncDispose]();
  await between();
  server = await startTestServer({ database, config: { port: Number(port) } });
}

const ask = async (actor: Actor, method: string, path: string, body: object): Promise<void> => {
  const response = await fetch(`${server.url}/api/v1/chats/${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...actor.authorization },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
};
const say = (actor: Actor, chatId: string, text: string) =>
  ask(actor, 'PUT', `${chatId}/messages/${randomUUID()}`, { text });

const tailAs = (actor: Actor, ...args: string[]) =>
  startScript('tail', {
    args: ['--url', server.url, '--as', actor.email, '--state-dir', folder.path, '--device', randomUUID(), ...args],
    env: { MESSENGER_PASSWORD: actor.password },
  });

interface Line {
  type: string;
  message: { seq: number; text: string };
}
const toLines = (output: string): Line[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('npm run tail', { timeout: 60_000 }, () => {
  it('prints every message and every change once and in order, over restarts of the server', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    for (let i = 1; i <= 5; i++) await say(alice, chatId, `text ${i}`);
    await using tail = tailAs(bob, '--chat', chatId, '--json', '--since', '3');
    await tail.until('text 5');
    const other = await startTestServer({ database });
    try {
      await restart(async () => {
        // Through another node, while the one that the tail knows is away.
        server = other;
        for (let i = 6; i <= 9; i++) await say(alice, chatId, `text ${i}`);
      });
    } finally {
      await other[Symbol.asyncDispose]();
    }
    await tail.until('text 9');
    for (let i = 10; i <= 12; i++) await say(alice, chatId, `text ${i}`);
    await tail.until('text 12');
    const lines = toLines(tail.output);
    expect(lines.map(({ type, message }) => [type, message.seq, message.text])).toEqual(
      Array.from({ length: 10 }, (_, i) => ['message', i + 3, `text ${i + 3}`]),
    );
    await expect.poll(() => tail.complaints).toContain('Connected again.');
    tail.signal('SIGINT');
    expect(await tail.exitCode).toBe(0);
    expect(tail.complaints).toContain('No connection; it goes on as soon as there is one.');
  });

  it('begins where it is told: at a message, at the start, or with what comes', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    for (let i = 1; i <= 4; i++) await say(alice, chatId, `text ${i}`);
    await using from = tailAs(bob, '--chat', chatId, '--since', '#3');
    await using all = tailAs(bob, '--chat', chatId, '--since', 'all');
    await using coming = tailAs(bob, '--chat', chatId, '--since', '0', '--json');
    await from.until('text 4');
    await all.until('text 4');
    await coming.until('', 0);
    await expect
      .poll(
        async () => {
          await say(alice, chatId, 'news');
          return coming.output;
        },
        { timeout: 20_000, interval: 300 },
      )
      .toContain('news');
    expect(from.output.match(/#\d+ Alice: text \d/g)).toEqual(['#3 Alice: text 3', '#4 Alice: text 4']);
    expect(all.output.match(/text \d/g)).toEqual(['text 1', 'text 2', 'text 3', 'text 4']);
    expect(coming.output).not.toContain('text 4');
  });

  it('says why it ends: no such chat, a wrong password, wrong use, nobody there', async () => {
    const { chatId } = await createGroup(server, [alice]);
    await using foreign = tailAs(bob, '--chat', chatId);
    await using stranger = tailAs({ ...bob, password: 'not this one' }, '--chat', chatId);
    await using misused = tailAs(bob, '--chat', chatId, '--since', 'yesterday');
    await using alone = startScript('tail', {
      args: ['--url', 'http://127.0.0.1:9', '--as', 'bob', '--chat', 'x', '--timeout', '1', '--state-dir', folder.path],
      env: { MESSENGER_PASSWORD: 'x' },
    });
    expect(await foreign.exitCode).toBe(1);
    expect(foreign.complaints).toContain('You are not a member of this chat.');
    expect(await stranger.exitCode).toBe(1);
    expect(stranger.complaints).toContain('Wrong identifier or password.');
    expect(await misused.exitCode).toBe(2);
    expect(misused.complaints).toContain('A count (20), a message (#120 or seq:120) or all is needed.');
    expect(await alone.exitCode).toBe(3);
    expect(alone.complaints).toContain('http://127.0.0.1:9 could not be reached in time.');
  });

  it('ends with 1 when one is taken out of the chat', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    await say(alice, chatId, 'text 1');
    await using tail = tailAs(bob, '--chat', chatId);
    await tail.until('text 1');
    await ask(alice, 'DELETE', `${chatId}/members/${bob.id}`, {});
    expect(await tail.exitCode).toBe(1);
  });
});
