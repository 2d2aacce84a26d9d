import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStorage, MessengerError, type MessengerEvents, type Storage } from '../../src/client/index.ts';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openClient, textsOf, until, type TestClient } from './support/clients.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  expect(server.bugs).toEqual([]);
});

/** Two people in a group, each with an SDK that has the chat open. */
async function openTwo(): Promise<{ chatId: string; alice: Actor; bob: Actor; a: TestClient; b: TestClient }> {
  const [alice, bob] = await createActors(server, 'Alice', 'Bob');
  const { chatId } = await createGroup(server, [alice, bob]);
  const a = openClient(server.url, alice);
  const b = openClient(server.url, bob);
  await Promise.all([a.messenger.ready(), b.messenger.ready()]);
  await Promise.all([a.messenger.chat(chatId).open(), b.messenger.chat(chatId).open()]);
  return { chatId, alice, bob, a, b };
}

const close = async (...clients: TestClient[]): Promise<void> => {
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  expect(clients.flatMap(({ errors }) => errors)).toEqual([]);
};

describe('two people talk', () => {
  it('what one sends the other reads, and both see the same', async () => {
    const { chatId, a, b } = await openTwo();
    const { stored } = a.messenger.chat(chatId).send('Hello Bob');
    expect(await stored).toMatchObject({ chat_id: chatId, seq: 1, duplicate: false });
    await until(b.messenger.store, 'the message', () => textsOf(b.messenger, chatId).includes('Hello Bob'));
    await b.messenger.chat(chatId).send({ text: 'Hello Alice', replyTo: 1 }).stored;
    await until(a.messenger.store, 'the answer', () => textsOf(a.messenger, chatId).length === 2);
    expect(a.messenger.chat(chatId).messages).toEqual(b.messenger.chat(chatId).messages);
    expect(a.messenger.chat(chatId).messages.rows[1]).toMatchObject({ reply_to: 1, text: 'Hello Alice' });
    await close(a, b);
  });

  it('many messages sent at once keep their order, and each is told once', async () => {
    const { chatId, a, b } = await openTwo();
    const told: string[] = [];
    b.messenger.on('message', ({ message }) => told.push(message.text));
    const texts = Array.from({ length: 200 }, (_, i) => `message ${i}`);
    const sendings = texts.map((text) => a.messenger.chat(chatId).send(text));
    expect(a.messenger.chat(chatId).messages.pending).toHaveLength(200);
    await Promise.all(sendings.map(({ stored }) => stored));
    await until(b.messenger.store, 'all messages', () => told.length === 200);
    expect(told).toEqual(texts);
    expect(textsOf(a.messenger, chatId)).toEqual(texts);
    expect(a.messenger.chat(chatId).messages.pending).toEqual([]);
    await close(a, b);
  });

  it('edits, reactions, pins and deletions are seen by both', async () => {
    const { chatId, alice, bob, a, b } = await openTwo();
    const [ofAlice, ofBob] = [a.messenger.chat(chatId), b.messenger.chat(chatId)];
    for (const text of ['first', 'second', 'third']) await ofAlice.send(text).stored;
    await ofAlice.edit(1, 'first, edited');
    await ofBob.react(1, '👍');
    await ofAlice.pin(2);
    await ofAlice.delete(3);
    const row = (seq: number) => b.messenger.store.findMessage(chatId, seq);
    await until(b.messenger.store, 'the deletion', () => row(3)?.deleted_at);
    await until(a.messenger.store, 'the same here', () => a.messenger.store.findMessage(chatId, 3)?.deleted_at);
    expect(row(1)).toMatchObject({ text: 'first, edited', reactions: [{ emoji: '👍', user_ids: [bob.id] }] });
    expect(row(2)).toMatchObject({ pinned_by: alice.id });
    expect(row(3)).toMatchObject({ text: '' });
    expect(ofAlice.messages.rows).toEqual(ofBob.messages.rows);
    await close(a, b);
  });

  it('a refused message stays as failed, and those after it go on in order', async () => {
    const { chatId, a, b } = await openTwo();
    const chat = a.messenger.chat(chatId);
    const failed: string[] = [];
    a.messenger.on('failed', ({ pending }) => failed.push(pending.text));
    const first = chat.send('one');
    const refused = chat.send(' ');
    const [second, third] = [chat.send('two'), chat.send('three')];
    await expect(refused.stored).rejects.toMatchObject({ code: 'invalid_request', retry: 'new' });
    await Promise.all([first.stored, second.stored, third.stored]);
    expect(textsOf(a.messenger, chatId)).toEqual(['one', 'two', 'three']);
    expect(failed).toEqual([' ']);
    expect(chat.messages.pending).toMatchObject([{ status: 'failed', error: { code: 'invalid_request' } }]);
    a.messenger.outbox.drop(refused.clientId);
    expect(chat.messages.pending).toEqual([]);
    await close(a, b);
  });

  it('unread counts and positions are those of the server', async () => {
    const { chatId, alice, bob, a, b } = await openTwo();
    const [ofAlice, ofBob] = [a.messenger.chat(chatId), b.messenger.chat(chatId)];
    for (const text of ['one', 'two', 'three']) await ofAlice.send(text).stored;
    await ofAlice.send({ text: 'Hey Bob', mentions: [{ user_id: bob.id, offset: 4, length: 3 }] }).stored;
    const own = () => ofBob.view!.own;
    await until(b.messenger.store, 'four unread', () => own().unread_count === 4 && own().unread_mentions === 1);
    await ofAlice.delete(1);
    await until(b.messenger.store, 'one unread less', () => own().unread_count === 3);
    await ofBob.markRead(3);
    await until(b.messenger.store, 'the position', () => own().read_seq === 3 && own().unread_count === 1);
    await ofBob.markRead();
    await until(b.messenger.store, 'nothing unread', () => own().unread_count === 0 && own().unread_mentions === 0);
    const newest = ofAlice.messages.rows.at(-1)!;
    await until(a.messenger.store, 'that it was read', () => a.messenger.store.progressOf(newest) === 'read');
    await until(a.messenger.store, 'the position', () =>
      a.messenger.store.get(`positions:${chatId}`).some((one) => one.user_id === bob.id && one.read_seq === 4),
    );
    const rest = (await b.messenger.request({ method: 'GET', path: `/api/v1/chats/${chatId}` })) as object;
    expect(rest).toMatchObject({ unread_count: 0, version: ofBob.view!.version, last_seq: 4 });
    expect(ofBob.view!.members.map(({ user_id }) => user_id).sort()).toEqual([alice.id, bob.id].sort());
    await close(a, b);
  });

  it('what arrives is told as delivered by itself', async () => {
    const { chatId, a, b } = await openTwo();
    await a.messenger.chat(chatId).send('one').stored;
    await until(a.messenger.store, 'delivered', () => {
      const [message] = a.messenger.chat(chatId).messages.rows;
      return message && a.messenger.store.progressOf(message) === 'delivered';
    });
    await close(a, b);
  });
});

describe('chats', () => {
  it('a group that somebody makes appears with the others, and a member who is removed loses it', async () => {
    const { bob, a, b } = await openTwo();
    const added: string[] = [];
    const removed: string[] = [];
    b.messenger.on('chat_added', ({ chatId }) => added.push(chatId));
    b.messenger.on('chat_removed', ({ chatId }) => removed.push(chatId));
    const group = await a.messenger.createGroup({ name: 'New', userIds: [bob.id] });
    await until(b.messenger.store, 'the group', () => added.includes(group.id));
    expect(b.messenger.chat(group.id).view).toMatchObject({ name: 'New', type: 'group' });
    await group.updateGroup({ name: 'Newer' });
    await until(b.messenger.store, 'the name', () => b.messenger.chat(group.id).view?.name === 'Newer');
    await group.removeMember(bob.id);
    await until(b.messenger.store, 'the end', () => removed.includes(group.id));
    expect(b.messenger.chat(group.id).view).toBeUndefined();
    await close(a, b);
  });

  it('a direct chat is opened once, however often', async () => {
    const { bob, a, b } = await openTwo();
    const [first, second] = [await a.messenger.openDirect(bob.id), await a.messenger.openDirect(bob.id)];
    expect(first).toBe(second);
    expect(first.view).toMatchObject({ type: 'personal' });
    await close(a, b);
  });

  it('somebody who types is shown until they send', async () => {
    const { chatId, alice, a, b } = await openTwo();
    const typing = () => b.messenger.store.get(`typing:${chatId}`);
    a.messenger.chat(chatId).typing();
    await until(b.messenger.store, 'typing', () => typing().includes(alice.id));
    await a.messenger.chat(chatId).send('there').stored;
    await until(b.messenger.store, 'the end of it', () => typing().length === 0);
    await close(a, b);
  });

  it('a draft is on all devices of a person', async () => {
    const { chatId, alice, a, b } = await openTwo();
    await using other = openClient(server.url, alice);
    await other.messenger.ready();
    await a.messenger.chat(chatId).setDraft('not yet');
    await until(
      other.messenger.store,
      'the draft',
      () => other.messenger.chat(chatId).view?.own.draft?.text === 'not yet',
    );
    await close(a, b);
  });

  it('older messages come page by page and join what is held', async () => {
    const { chatId, alice, a, b } = await openTwo();
    const chat = a.messenger.chat(chatId);
    await Promise.all(Array.from({ length: 120 }, (_, i) => chat.send(`${i + 1}`).stored));
    await using late = openClient(server.url, alice);
    await late.messenger.ready();
    const again = late.messenger.chat(chatId);
    await again.open();
    expect(again.messages).toMatchObject({ atStart: false, atEnd: true });
    expect(again.messages.rows).toHaveLength(50);
    while (!again.messages.atStart) await again.history({ before: again.messages.rows[0]!.seq });
    expect(textsOf(late.messenger, chatId)).toEqual(Array.from({ length: 120 }, (_, i) => `${i + 1}`));
    await close(a, b);
  });
});

describe('the session', () => {
  it('ends for good when it is revoked, and says so', async () => {
    const { a, b } = await openTwo();
    const ended = new Promise<MessengerEvents['session_ended']>((resolve) => a.messenger.on('session_ended', resolve));
    await b.messenger.ready();
    await a.messenger.request({ method: 'POST', path: '/api/v1/auth/logout' });
    expect((await ended).error).toBeInstanceOf(MessengerError);
    expect(a.messenger.state).toBe('stopped');
    await expect(a.messenger.ready()).rejects.toMatchObject({ code: 'session_revoked' });
    await close(a, b);
  });

  it('a wrong password stops it before it begins', async () => {
    const { alice, a, b } = await openTwo();
    await using wrong = openClient(server.url, { ...alice, password: 'not this one' });
    await expect(wrong.messenger.ready()).rejects.toMatchObject({ code: 'wrong_credentials' });
    await close(a, b);
  });

  it('logging out ends it on the server too', async () => {
    const { a, b } = await openTwo();
    await a.messenger.logOut();
    expect(a.messenger.state).toBe('stopped');
    await expect(a.messenger.request({ method: 'GET', path: '/api/v1/users/me' })).rejects.toMatchObject({
      code: 'stopped',
    });
    await close(a, b);
  });
});

describe('who one is, known before the first login', () => {
  const storageWith = (text: string, chatId: string, userId: string): Storage => {
    const storage = memoryStorage();
    const frame = { chat_id: chatId, client_id: randomUUID(), text, timestamp: new Date().toISOString() };
    void storage.set('messenger:outbox', JSON.stringify({ user_id: userId, items: [{ frame, status: 'queued' }] }));
    return storage;
  };

  it('what waits is shown, and what is sent is kept, without a connection', async () => {
    const [alice] = await createActors(server, 'Alice');
    const chatId = randomUUID();
    const storage = storageWith('left behind', chatId, alice.id);
    const nowhere = 'http://127.0.0.1:9';
    const { messenger } = openClient(nowhere, alice, { storage, userId: alice.id });
    messenger.chat(chatId).send('new');
    await until(messenger.store, 'both', () => messenger.chat(chatId).messages.pending.length === 2);
    expect(messenger.chat(chatId).messages.pending.map(({ text }) => text)).toEqual(['left behind', 'new']);
    await messenger.close();
    expect(await storage.get('messenger:outbox')).toMatch(/left behind.*new/);
  });

  it('whom the server takes for somebody else has no session, and sends nothing', async () => {
    const { chatId, alice, bob, a, b } = await openTwo();
    const storage = storageWith('by Alice', chatId, alice.id);
    const c = openClient(server.url, bob, { storage, userId: alice.id });
    await new Promise((resolve) => c.messenger.on('session_ended', resolve));
    expect(c.messenger).toMatchObject({ state: 'stopped', user: undefined });
    await a.messenger.chat(chatId).send('after that').stored;
    await until(b.messenger.store, 'the message', () => textsOf(b.messenger, chatId).length > 0);
    expect(textsOf(b.messenger, chatId)).toEqual(['after that']);
    await close(a, b, c);
  });
});
