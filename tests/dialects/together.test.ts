/** People who sit in different dialects of one server, or of two, in one direct chat. */
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageFrame } from '../support/cast.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket, type Frame } from '../support/socket.ts';
import { createLobbyPerson, type OldPerson, type Place } from './old-clients.ts';

interface Chat {
  chatId: string;
  me: OldPerson;
  other: OldPerson;
}

/**
 * One way to take part: where it is, what is said first and answered when it is heard of everything, how a text is sent, and
 * which text a frame brings.
 */
interface Way {
  address(chat: Chat): string;
  headers?(chat: Chat): Record<string, string>;
  greet?(chat: Chat): unknown;
  /** Absent: this way only hears. */
  toFrame?(chat: Chat, text: string): unknown;
  findText(line: string): string | undefined;
  /** Whether a text is heard there; by default all are. */
  hears?(sent: { byMe: boolean; here: boolean }): boolean;
}

const parse = (line: string): Frame => JSON.parse(line) as Frame;
const dataText = (line: string): string | undefined => (parse(line)['data'] as { text?: string } | undefined)?.text;

const ways = {
  plain: {
    address: () => '/ws',
    headers: ({ me }) => me.authorization,
    toFrame: ({ me, chatId }, text) => messageFrame(me, chatId, text),
    findText: (line) => ('sender_id' in parse(line) ? (parse(line)['text'] as string) : undefined),
    hears: ({ here }) => !here,
  },
  direct: {
    address: ({ me, other }) => `/ws/${other.id}/${me.token}`,
    toFrame: (_chat, text) => text,
    findText: (line) => line,
    hears: ({ byMe }) => !byMe,
  },
  lobby: {
    address: ({ me }) => `/messenger/ws/?token=${me.token}`,
    // An empty line is refused when what was said before the socket came has been told.
    greet: () => '',
    toFrame: ({ other }, text) => `/pm ${other.username} ${text}`,
    findText: (line) => /^\[.{14}\] \S+ для \S+: (.*)$/.exec(line)?.[1],
  },
  actions: {
    address: ({ me }) => `/ws?token=${me.token}`,
    greet: ({ chatId }) => ({ action: 'join_chat', chat_id: chatId }),
    toFrame: ({ chatId }, text) => ({ action: 'send_message', chat_id: chatId, text }),
    findText: dataText,
  },
  rooms: {
    address: ({ me, chatId }) => `/ws/${chatId}?token=${me.token}`,
    toFrame: (_chat, text) => ({ text }),
    findText: dataText,
  },
  'rooms of a person': {
    address: ({ me }) => `/ws/user?token=${me.token}`,
    findText: dataText,
  },
} satisfies Record<string, Way>;

type Name = keyof typeof ways;
const names = Object.keys(ways) as Name[];

interface Seat {
  name: Name;
  way: Way;
  chat: Chat;
  socket: TestSocket;
  /** What was sent through it. */
  sent: Set<string>;
}

const textsOf = ({ way, socket }: Seat): string[] =>
  socket.received.map((line) => way.findText(line)).filter((text) => text !== undefined);

async function takeSeats(place: Place, chat: Chat): Promise<Seat[]> {
  return Promise.all(
    names.map(async (name) => {
      const way: Way = ways[name];
      const socket = await TestSocket.open(place.wsUrl + way.address(chat), way.headers?.(chat));
      if (way.greet) {
        socket.send(way.greet(chat));
        await socket.until('the answer to the greeting', () => socket.received.length > 0);
      }
      return { name, way, chat, socket, sent: new Set<string>() };
    }),
  );
}

function say(seat: Seat, text: string): void {
  seat.sent.add(text);
  seat.socket.send(seat.way.toFrame!(seat.chat, text));
}

async function listTexts(place: Place, { me, other }: Chat): Promise<string[]> {
  const { body } = await request(place.url).get(`/messages/${other.id}?limit=200`).set(me.authorization).expect(200);
  return (body as { content: string }[]).map(({ content }) => content);
}

describe.each([1, 2])('people of all dialects on %i node(s)', (nodes) => {
  let database: TestDatabase;
  let servers: TestServer[];

  beforeAll(async () => {
    database = await createDatabase();
    servers = await Promise.all(Array.from({ length: nodes }, () => startTestServer({ database })));
  });
  afterAll(async () => {
    expect(servers.flatMap(({ bugs }) => bugs)).toEqual([]);
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await database[Symbol.asyncDispose]();
  });

  async function sitDown(): Promise<{ place: Place; chat: Chat; seats: Seat[] }> {
    const [one, two] = [servers[0]!, servers.at(-1)!];
    const [alice, bob] = (await Promise.all(['alice', 'bob'].map((name) => createLobbyPerson(one, name)))) as [
      OldPerson,
      OldPerson,
    ];
    const opened = await request(one.url)
      .post('/api/v1/chats/personal')
      .set(alice.authorization)
      .send({ member_ids: [bob.id] });
    const chatId = (opened.body as { id: string }).id;
    const chat = { chatId, me: alice, other: bob };
    const seats = [...(await takeSeats(one, chat)), ...(await takeSeats(two, { chatId, me: bob, other: alice }))];
    return { place: one, chat, seats };
  }

  it('hear every message once and in one order, whichever dialect it was sent in', { timeout: 60_000 }, async () => {
    const { place, chat, seats } = await sitDown();
    const speakers = seats.filter(({ way }) => way.toFrame);
    const rounds = 12;
    for (let round = 0; round < rounds; round++)
      for (const seat of speakers) say(seat, `${seat.name} of ${seat.chat.me.username} ${round}`);
    const total = rounds * speakers.length;
    await expect.poll(async () => (await listTexts(place, chat)).length).toBe(total);

    const order = await listTexts(place, chat);
    for (const seat of seats) {
      const byMe = new Set(seats.filter(({ chat: { me } }) => me === seat.chat.me).flatMap(({ sent }) => [...sent]));
      const expected = order.filter(
        (text) => seat.way.hears?.({ byMe: byMe.has(text), here: seat.sent.has(text) }) ?? true,
      );
      await seat.socket.until('all messages', () => textsOf(seat).length >= expected.length);
      expect(textsOf(seat), `${seat.name} of ${seat.chat.me.username}`).toEqual(expected);
    }
    // What each said stays in the order in which it said it.
    for (const { sent } of speakers) expect(order.filter((text) => sent.has(text))).toEqual([...sent]);
    await Promise.all(seats.map(({ socket }) => socket.close()));
  });

  it('are not harmed by a bad client of any dialect', { timeout: 60_000 }, async () => {
    const { place, chat, seats } = await sitDown();
    const bad = await takeSeats(place, chat);
    for (const { socket } of bad) {
      for (const frame of ['{', '', 'null', '[]', '5', '{"action":5}', '/pm', '\u0000', '{"text":null}'])
        socket.ws.send(frame);
      socket.ws.send(Buffer.from([0xff, 0xfe]));
    }
    for (const { socket } of bad.slice(0, 3)) socket.ws.terminate();
    for (const seat of seats) {
      if (!seat.way.toFrame) continue;
      const text = randomUUID();
      say(seat, text);
      await expect.poll(() => listTexts(place, chat)).toContain(text);
      const listeners = seats.filter(({ chat: { me } }) => me !== seat.chat.me);
      for (const listener of listeners)
        await listener.socket.until(`${listener.name} hears ${seat.name}`, () => textsOf(listener).includes(text));
    }
    await Promise.all([...seats, ...bad].map(({ socket }) => socket.close()));
  });
});
