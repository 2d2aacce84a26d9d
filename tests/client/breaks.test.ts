import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStorage, type ConnectionState } from '../../src/client/index.ts';
import { createActors, createGroup } from '../support/cast.ts';
import { createDatabase } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openClient, textsOf, until } from './support/clients.ts';
import { Road } from './support/road.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Two people in a group; the first one comes by a road that can break. */
async function openOnRoad() {
  const [alice, bob] = await createActors(server, 'Alice', 'Bob');
  const { chatId } = await createGroup(server, [alice, bob]);
  const road = await Road.open(server.url);
  const a = openClient(road.url, alice);
  const b = openClient(server.url, bob);
  await Promise.all([a.messenger.ready(), b.messenger.ready()]);
  await Promise.all([a.messenger.chat(chatId).open(), b.messenger.chat(chatId).open()]);
  const states: ConnectionState[] = [];
  a.messenger.on('state', ({ state }) => states.push(state));
  return {
    alice,
    bob,
    chatId,
    road,
    a,
    b,
    states,
    ofAlice: a.messenger.chat(chatId),
    ofBob: b.messenger.chat(chatId),
    async [Symbol.asyncDispose]() {
      await Promise.all([a, b].map((client) => client[Symbol.asyncDispose]()));
      await road[Symbol.asyncDispose]();
    },
  };
}

describe('after a break', () => {
  it('what was said meanwhile is there, each told once and in order', async () => {
    await using world = await openOnRoad();
    const { a, ofAlice, ofBob, road, chatId, states } = world;
    const told: number[] = [];
    a.messenger.on('message', ({ message }) => told.push(message.seq));
    await ofBob.send('before').stored;
    await until(a.messenger.store, 'the first', () => told.length === 1);
    road.block();
    await until(a.messenger.store, 'the break', () => a.messenger.state === 'offline');
    await Promise.all(Array.from({ length: 30 }, (_, i) => ofBob.send(`meanwhile ${i}`).stored));
    await ofBob.edit(1, 'before, edited');
    await ofBob.react(2, '🎉');
    road.unblock();
    a.messenger.wake();
    await until(a.messenger.store, 'everything', () => told.length === 31 && a.messenger.state === 'online');
    expect(told).toEqual(Array.from({ length: 31 }, (_, i) => i + 1));
    expect(ofAlice.messages.rows).toEqual(world.b.messenger.chat(chatId).messages.rows);
    expect(states).toContain('catching_up');
    expect(ofAlice.view!.version).toBe(ofBob.view!.version);
    expect(ofAlice.view!.own.unread_count).toBe(31);
  });

  it('what was sent while offline goes out in order, once', async () => {
    await using world = await openOnRoad();
    const { a, b, ofAlice, road, chatId } = world;
    road.block();
    await until(a.messenger.store, 'the break', () => a.messenger.state === 'offline');
    const texts = ['one', 'two', 'three', 'four'];
    const sendings = texts.map((text) => ofAlice.send(text));
    expect(ofAlice.messages.pending.map(({ status }) => status)).toEqual(texts.map(() => 'queued'));
    road.unblock();
    a.messenger.wake();
    await Promise.all(sendings.map(({ stored }) => stored));
    await until(b.messenger.store, 'all four', () => textsOf(b.messenger, chatId).length === 4);
    expect(textsOf(b.messenger, chatId)).toEqual(texts);
  });

  it('messages whose acks were lost are stored once, in order', async () => {
    await using world = await openOnRoad();
    const { a, b, ofAlice, road, chatId } = world;
    const texts = Array.from({ length: 60 }, (_, i) => `${i}`);
    const sendings = texts.map((text, i) => {
      if (i % 20 === 10) road.cut();
      return ofAlice.send(text);
    });
    for (let cuts = 0; cuts < 3; cuts++) {
      a.messenger.wake();
      await until(a.messenger.store, 'a connection', () => a.messenger.state === 'online');
      road.cut();
    }
    await Promise.all(sendings.map(({ stored }) => stored));
    await until(b.messenger.store, 'all', () => textsOf(b.messenger, chatId).length === texts.length);
    expect(textsOf(b.messenger, chatId)).toEqual(texts);
    await until(a.messenger.store, 'all', () => textsOf(a.messenger, chatId).length === texts.length);
    expect(textsOf(a.messenger, chatId)).toEqual(texts);
  });

  it('a road that carries nothing any more is noticed, and left', async () => {
    await using world = await openOnRoad();
    const { a, ofBob, road, chatId } = world;
    road.goSilent();
    await ofBob.send('can you hear me').stored;
    a.messenger.wake();
    await until(a.messenger.store, 'that nothing is heard', () => road.opened > 2);
    await until(a.messenger.store, 'the message', () => textsOf(a.messenger, chatId).includes('can you hear me'));
  });

  it('chats that are not open are up to date too', async () => {
    await using world = await openOnRoad();
    const { alice, a, b, road } = world;
    const { chatId } = await createGroup(server, [alice, world.bob], 'Not open');
    await until(a.messenger.store, 'the chat', () => a.messenger.chat(chatId).view);
    road.block();
    await until(a.messenger.store, 'the break', () => a.messenger.state === 'offline');
    await b.messenger.chat(chatId).send('one').stored;
    await b.messenger.chat(chatId).send('two').stored;
    await b.messenger
      .chat(chatId)
      .updateGroup({ name: 'Another name' })
      .catch(() => undefined);
    road.unblock();
    a.messenger.wake();
    await until(a.messenger.store, 'the message', () => a.messenger.chat(chatId).view?.last_message?.text === 'two');
    expect(a.messenger.chat(chatId).view!.own).toMatchObject({ unread_count: 2, last_seq: 2 });
    expect(a.messenger.chat(chatId).messages.rows).toEqual([]);
  });

  it('a group that one was taken out of meanwhile is gone', async () => {
    await using world = await openOnRoad();
    const { alice, bob, a, b, road } = world;
    const { chatId } = await createGroup(server, [bob, alice]);
    await until(a.messenger.store, 'the chat', () => a.messenger.chat(chatId).view);
    road.block();
    await until(a.messenger.store, 'the break', () => a.messenger.state === 'offline');
    await b.messenger.chat(chatId).removeMember(alice.id);
    road.unblock();
    a.messenger.wake();
    await until(a.messenger.store, 'that it is gone', () => a.messenger.chat(chatId).view === undefined);
  });
});

describe('with a storage', () => {
  it('a new run goes on where the last one was: same session, what waited is sent, what was missed is told', async () => {
    const [alice, bob] = await createActors(server, 'Alice', 'Bob');
    const { chatId } = await createGroup(server, [alice, bob]);
    await using road = await Road.open(server.url);
    const storage = memoryStorage();
    const first = openClient(road.url, alice, { storage });
    await first.messenger.ready();
    await first.messenger.chat(chatId).open();
    await first.messenger.chat(chatId).send('one').stored;
    const { sessionId } = first.messenger;
    road.block();
    await until(first.messenger.store, 'the break', () => first.messenger.state === 'offline');
    first.messenger.chat(chatId).send('two, from the train');
    await first.messenger.close();

    await using b = openClient(server.url, bob, { markDelivered: false });
    await b.messenger.ready();
    await b.messenger.chat(chatId).markRead(1);
    await b.messenger.chat(chatId).send('said while nobody ran').stored;

    road.unblock();
    await using second = openClient(road.url, alice, { auth: { stored: true }, storage });
    const told: string[] = [];
    second.messenger.on('message', ({ message }) => told.push(message.text));
    await second.messenger.ready();
    await until(second.messenger.store, 'both', () => told.length === 2);
    expect(told).toEqual(['said while nobody ran', 'two, from the train']);
    expect(second.messenger.sessionId).toBe(sessionId);
    expect(textsOf(second.messenger, chatId)).toEqual(['one', 'said while nobody ran', 'two, from the train']);
    const position = { user_id: bob.id, delivered_seq: 1, read_seq: 1 };
    expect(second.messenger.store.get(`positions:${chatId}`)).toContainEqual(position);
    expect(second.errors).toEqual([]);
  });
});

describe('a server that restarts', () => {
  it('is waited for as long as it says, and nothing is lost', async () => {
    await using database = await createDatabase();
    const first = await startTestServer({ database });
    const [alice, bob] = await createActors(first, 'Alice', 'Bob');
    const { chatId } = await createGroup(first, [alice, bob]);
    await using road = await Road.open(first.url);
    await using a = openClient(road.url, alice);
    await using b = openClient(road.url, bob);
    await Promise.all([a.messenger.ready(), b.messenger.ready()]);
    await Promise.all([a.messenger.chat(chatId).open(), b.messenger.chat(chatId).open()]);
    const before = a.messenger.chat(chatId).send('before');
    const drained = first[Symbol.asyncDispose]();
    const during = a.messenger.chat(chatId).send('during');
    await drained;
    // Somebody else's server may be where this one was.
    road.block();
    await using second = await startTestServer({ database });
    road.leadTo(second.url);
    road.unblock();
    await Promise.all([before.stored, during.stored]);
    await until(b.messenger.store, 'both', () => textsOf(b.messenger, chatId).length === 2);
    expect(textsOf(b.messenger, chatId)).toEqual(['before', 'during']);
    expect([...a.errors, ...b.errors]).toEqual([]);
  });
});
