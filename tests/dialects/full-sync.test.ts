/** Catching up: pages of changes, resuming by a token, and what is told live meanwhile. */
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FullChangeFrame, FullServerFrame } from '../../src/protocol/full.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { Message } from '../../src/protocol/message.ts';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { startTwoNodes } from '../support/two-nodes.ts';
import { FullSpeaker } from '../support/full-speaker.ts';

let server: TestServer;
let sql: postgres.Sql;
let alice: Actor;
let bob: Actor;
let carol: Actor;
const open: FullSpeaker[] = [];

beforeAll(async () => {
  server = await startTestServer();
  sql = postgres(server.databaseUrl, { max: 2 });
  [alice, bob, carol] = await createActors(server, 'Alice', 'Bob', 'Carol');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((socket) => socket.close()));
});
afterAll(async () => {
  await sql.end();
  await server[Symbol.asyncDispose]();
  expect(server.bugs).toEqual([]);
});

async function speak(actor: Actor, place: TestServer = server) {
  const socket = await FullSpeaker.logIn(place, actor);
  open.push(socket);
  return socket;
}

const rowsOf = async (chatId: string, at = sql): Promise<Message[]> =>
  (
    await at<{ row: Message }[]>`
      select message_json(m, reactions_of(m.chat_id, m.seq)) as row from messages m where chat_id = ${chatId} order by seq`
  ).map(({ row }) => row);

/** A client of one chat as the rules of the protocol make it. */
class Watermark {
  readonly messages = new Map<number, Message>();
  version = 0;
  lastSeq = 0;
  /** Changes that could not be applied when they came. */
  gaps = 0;
  readonly #socket: FullSpeaker;
  readonly #chatId: string;
  #taken = 0;

  constructor(socket: FullSpeaker, chatId: string) {
    this.#socket = socket;
    this.#chatId = chatId;
  }

  #keep(message: Message): void {
    const known = this.messages.get(message.seq);
    if ((known?.changed_version ?? 0) <= (message.changed_version ?? 0)) this.messages.set(message.seq, message);
  }

  #apply(frame: FullChangeFrame): boolean {
    if (frame.version <= this.version) return true;
    if ((frame.after ?? frame.version - 1) > this.version) return false;
    this.version = frame.version;
    if ('message' in frame) this.#keep(frame.message);
    if (frame.type === 'message') this.lastSeq = frame.message.seq;
    return true;
  }

  /** Applies what was told live; answers whether there was no gap. */
  take(): boolean {
    const { frames } = this.#socket;
    for (; this.#taken < frames.length; this.#taken++) {
      const frame = frames[this.#taken]!;
      if (!('version' in frame) || !('chat_id' in frame) || frame.chat_id !== this.#chatId) continue;
      if (frame.type === 'history' || frame.type === 'ack') continue;
      if (this.#apply(frame)) continue;
      this.gaps++;
      return false;
    }
    return true;
  }

  async sync(limit: number): Promise<FullServerFrame<'changes'>[]> {
    const pages: FullServerFrame<'changes'>[] = [];
    for (let more = true; more;) {
      const place = { chat_id: this.#chatId, after: this.version, after_seq: this.lastSeq, limit };
      const page = (await this.#socket.ask('sync', place)) as unknown as FullServerFrame<'changes'>;
      pages.push(page);
      for (const row of page.rows) this.#keep(row);
      this.version = Math.max(this.version, page.to);
      this.lastSeq = page.to_seq;
      ({ more } = page);
    }
    return pages;
  }
}

describe('sync', () => {
  it('tells a newcomer everything, and later only what changed, each message once and as it is', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    for (let i = 1; i <= 12; i++) await a.say(chatId, `${i}`);
    const client = new Watermark(await speak(bob), chatId);
    const pages = await client.sync(5);
    expect(pages.map(({ rows }) => rows.map(({ seq }) => seq))).toEqual([
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10],
      [11, 12],
    ]);
    expect(pages.map(({ more }) => more)).toEqual([true, true, false]);
    expect(pages[0]).toMatchObject({
      members: [{ user_id: expect.any(String) as string }, {}],
      group: {},
      positions: [],
    });
    expect(pages[2]).toMatchObject({ to: 13, to_seq: 12, members: [], group: null, positions: [{}, {}] });
    expect(pages[2]!.own).toMatchObject({ unread_count: 12, role: 'member', version: 13 });

    await a.ask('edit', { chat_id: chatId, seq: 3, text: 'three' });
    await a.ask('react', { chat_id: chatId, seq: 7, emoji: '👍' });
    await a.ask('edit', { chat_id: chatId, seq: 3, text: 'III' });
    await a.say(chatId, '13');
    const [page] = await client.sync(5);
    expect(page!.rows.map(({ seq, text }) => [seq, text])).toEqual([
      [7, '7'],
      [3, 'III'],
      [13, '13'],
    ]);
    expect(page).toMatchObject({ after: 13, to: 17, to_seq: 13, more: false });
    expect([...client.messages.values()].sort((x, y) => x.seq - y.seq)).toEqual(await rowsOf(chatId));
    expect(await client.sync(5)).toMatchObject([{ rows: [], to: 17, more: false }]);
  });

  it('pages end where changed messages end, even when all of them are new to the client', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    for (let i = 1; i <= 9; i++) await a.say(chatId, `${i}`);
    for (let i = 9; i >= 1; i--) await a.ask('edit', { chat_id: chatId, seq: i, text: `${i}!` });
    const b = await speak(bob);
    for (const limit of [1, 2, 3, 10]) {
      const client = new Watermark(b, chatId);
      const pages = await client.sync(limit);
      for (const { rows } of pages) expect(rows.length).toBeLessThanOrEqual(limit);
      expect([...client.messages.values()].sort((x, y) => x.seq - y.seq)).toEqual(await rowsOf(chatId));
      expect(client.version).toBe(19);
    }
  });

  it('a page ends before its texts are too many, but is never empty for that', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    const text = '€'.repeat(8_000);
    for (let i = 0; i < 40; i++) await a.say(chatId, text);
    const client = new Watermark(await speak(bob), chatId);
    const pages = await client.sync(500);
    expect(pages.length).toBeGreaterThan(1);
    for (const { rows } of pages)
      expect(rows.length * Buffer.byteLength(text)).toBeLessThanOrEqual(limits.sync.maxPageBytes);
    expect(client.messages.size).toBe(40);
  });

  it('tells who came, went and got a role, and how the group is called now', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    const chat = { chat_id: chatId };
    const client = new Watermark(await speak(bob), chatId);
    await client.sync(50);
    await a.ask('add_members', { ...chat, user_ids: [carol.id] });
    await a.ask('set_role', { ...chat, user_id: carol.id, role: 'admin' });
    await a.ask('update_group', { ...chat, name: 'Door', description: 'All about it' });
    const [page] = await client.sync(50);
    expect(page).toMatchObject({
      members: [{ user_id: carol.id, role: 'admin' }],
      group: { name: 'Door', description: 'All about it' },
    });
    await a.ask('remove_member', { ...chat, user_id: carol.id });
    expect((await client.sync(50))[0]).toMatchObject({ members: [{ user_id: carol.id, role: null }], group: null });
    // Who knows nothing needs not be told who is gone.
    const [first] = await new Watermark(await speak(bob), chatId).sync(50);
    expect(first!.members.map(({ user_id }) => user_id).sort()).toEqual([alice.id, bob.id].sort());
  });

  it('tells only the positions that may have moved since a token', async () => {
    const { chatId } = await createGroup(server, [alice, bob, carol]);
    const [a, b] = [await speak(alice), await speak(bob)];
    await a.say(chatId, 'Hello');
    const place = { chat_id: chatId, after: 0, after_seq: 0 };
    let resume = a.resume;
    // Transactions under way in other databases of the cluster hold a token back: then it tells more, which it may.
    const listMoved = async (): Promise<unknown> => {
      ({ resume } = (await a.ask('resume', { token: resume })) as unknown as FullServerFrame<'changed'>);
      return (await a.ask('sync', { ...place, positions_since: resume }))['positions'];
    };
    await expect.poll(listMoved).toEqual([]);
    await b.ask('mark_read', { chat_id: chatId, seq: 1 });
    const moved = await a.ask('sync', { ...place, positions_since: resume });
    expect(moved['positions']).toEqual([{ user_id: bob.id, delivered_seq: 1, read_seq: 1 }]);
    for (const positions_since of [null, '000000000000.1', '000000000000.9999999999'])
      expect((await a.ask('sync', { ...place, positions_since }))['positions']).toHaveLength(3);
  });

  it('shows who came later only what they may see', async () => {
    const a = await speak(alice);
    const { chat_id } = (await a.ask('create_group', {
      name: 'Late',
      user_ids: [bob.id],
      history: 'since_joined',
    })) as {
      chat_id: string;
    } & { type: string };
    await a.say(chat_id, 'before');
    await a.ask('add_members', { chat_id, user_ids: [carol.id] });
    await a.ask('edit', { chat_id, seq: 1, text: 'secret' });
    await a.say(chat_id, 'after');
    const c = await speak(carol);
    const client = new Watermark(c, chat_id);
    for (const { rows } of await client.sync(1)) expect(JSON.stringify(rows)).not.toMatch(/secret|before/);
    expect([...client.messages.keys()]).toEqual([2]);
    expect(await c.ask('history', { chat_id, before: 'end' })).toMatchObject({
      first_seq: 2,
      last_seq: 2,
      rows: [{ text: 'after' }],
    });
  });

  it('tells who came later that an older message was changed, but not how, on every node', async () => {
    const nodes = await startTwoNodes();
    const [ann, ben, cem] = await createActors(nodes.one, 'Ann', 'Ben', 'Cem');
    const a = await speak(ann, nodes.one);
    const make = { name: 'Late', user_ids: [ben.id], history: 'since_joined' as const };
    const { chat_id } = (await a.ask('create_group', make)) as { type: string; chat_id: string };
    await a.say(chat_id, 'before');
    await a.ask('add_members', { chat_id, user_ids: [cem.id] });
    const late = [await speak(cem, nodes.one), await speak(cem, nodes.two)];
    const early = [await speak(ben, nodes.one), await speak(ben, nodes.two)];
    await a.ask('react', { chat_id, seq: 1, emoji: '👍' });
    await a.ask('edit', { chat_id, seq: 1, text: 'secret' });
    await a.say(chat_id, 'after');
    for (const socket of [...late, ...early]) await socket.hear('message');
    for (const socket of late) {
      expect(socket.all('message_changed')).toEqual([]);
      expect(socket.socket.received.join('')).not.toMatch(/secret|before/);
      expect(socket.all('unseen_changed').at(-1)).toMatchObject({ chat_id, version: 5 });
    }
    for (const socket of early)
      expect(socket.all('message_changed').at(-1)).toMatchObject({ version: 5, message: { text: 'secret' } });
    await Promise.all(open.splice(0).map((socket) => socket.close()));
    await nodes.stop();
  });

  it(
    'joins snapshot and stream: while others write, nothing is missed and nothing told twice',
    { timeout: 60_000 },
    async () => {
      const { chatId } = await createGroup(server, [alice, bob, carol]);
      const writers = [await speak(alice), await speak(carol)];
      for (let i = 0; i < 30; i++) await writers[0]!.say(chatId, `before ${i}`);
      let writing = true;
      const write = async (socket: FullSpeaker, name: string): Promise<void> => {
        for (let i = 0; writing || i < 40; i++) {
          const ack = await socket.say(chatId, `${name} ${i}`);
          const seq = Number(ack['seq']);
          if (i % 3 === 0) await socket.ask('react', { chat_id: chatId, seq: Math.ceil(seq / 2), emoji: '👍' });
          if (i % 5 === 0) await socket.ask('edit', { chat_id: chatId, seq, text: `${name} ${i}, better` });
        }
      };
      const written = Promise.all([write(writers[0]!, 'a'), write(writers[1]!, 'c')]);
      for (let round = 0; round < 8; round++) {
        const client = new Watermark(await speak(bob), chatId);
        await client.sync(7);
        // Live changes after a snapshot follow it without a gap: what was read is not behind what is told.
        expect(client.take()).toBe(true);
        const version = client.version;
        await expect.poll(() => client.take() && client.version > version + 10).toBe(true);
        expect(client.gaps).toBe(0);
        if (round === 7) writing = false;
        else continue;
        await written;
        const [row] = await sql<{ version: number }[]>`select version::int from chats where id = ${chatId}`;
        await expect.poll(() => client.take() && client.version).toBe(row!.version);
        expect([...client.messages.values()].sort((x, y) => x.seq - y.seq)).toEqual(await rowsOf(chatId));
      }
    },
  );
});

describe('history', () => {
  it('is paged before, after and around a message, within what there is', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    for (let i = 1; i <= 10; i++) await a.say(chatId, `${i}`);
    const page = async (place: object) => {
      const answer = await a.askRaw({ type: 'history', chat_id: chatId, limit: 4, ...place });
      expect(answer).toMatchObject({ chat_id: chatId, version: 11, first_seq: 1, last_seq: 10 });
      return (answer['rows'] as Message[]).map(({ seq }) => seq);
    };
    expect(await page({ before: 'end' })).toEqual([7, 8, 9, 10]);
    expect(await page({ before: 7 })).toEqual([3, 4, 5, 6]);
    expect(await page({ before: 2 })).toEqual([1]);
    expect(await page({ before: 99 })).toEqual([7, 8, 9, 10]);
    expect(await page({ after: 0 })).toEqual([1, 2, 3, 4]);
    expect(await page({ after: 8 })).toEqual([9, 10]);
    expect(await page({ around: 5 })).toEqual([3, 4, 5, 6]);
    expect(await page({ around: 1 })).toEqual([1, 2, 3, 4]);
    expect(await page({ around: 10 })).toEqual([7, 8, 9, 10]);
  });

  it('keeps to the side it is asked for when the texts are too many', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    for (let i = 0; i < 30; i++) await a.say(chatId, '€'.repeat(8_000));
    const page = async (place: object) =>
      ((await a.askRaw({ type: 'history', chat_id: chatId, limit: 30, ...place }))['rows'] as Message[]).map(
        ({ seq }) => seq,
      );
    const [newest, oldest, middle] = [
      await page({ before: 'end' }),
      await page({ after: 0 }),
      await page({ around: 15 }),
    ];
    expect([newest.at(-1), oldest[0], middle.includes(15)]).toEqual([30, 1, true]);
    for (const seqs of [newest, oldest, middle]) {
      expect(seqs.length).toBe(21);
      expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i));
    }
  });

  it('is shown to who left up to where they left, at the version of that moment', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const [a, b] = [await speak(alice), await speak(bob)];
    await a.say(chatId, 'before');
    await b.ask('leave', { chat_id: chatId });
    await a.say(chatId, 'after');
    expect(await b.ask('history', { chat_id: chatId, before: 'end' })).toMatchObject({
      version: 3,
      last_seq: 1,
      rows: [{ text: 'before' }],
    });
    expect(await b.ask('sync', { chat_id: chatId, after: 0, after_seq: 0 })).toMatchObject({ code: 'no_chat' });
  });
});

describe('resume', () => {
  type Changed = FullServerFrame<'changed'>;
  const resume = async (socket: FullSpeaker, token: string): Promise<Changed> =>
    (await socket.ask('resume', { token })) as unknown as Changed;

  /** A token since which nothing changed. While somebody's transaction is under way, in whatever database, none is newer. */
  const settle = async (socket: FullSpeaker, from: string): Promise<string> => {
    let token = from;
    const changes = async (): Promise<unknown> => {
      const { resume: newer, chats, left } = await resume(socket, token);
      token = newer;
      return [chats, left];
    };
    await expect.poll(changes).toEqual([[], []]);
    return token;
  };

  it('tells which chats changed since the token, whatever changed, and no others', async () => {
    const [me, other] = await createActors(server, 'Me', 'Other');
    const make = async (...people: Actor[]): Promise<string> => (await createGroup(server, people)).chatId;
    const speaker = await speak(other);
    const [quiet, said, edited, read, readElsewhere, muted, left, removed, deleted, member, past] = (await Promise.all(
      Array.from({ length: 11 }, () => make(other, me)),
    )) as [string, string, string, string, string, string, string, string, string, string, string];
    for (const chat_id of [said, edited, read, readElsewhere]) await speaker.say(chat_id, 'Hello');
    const mine = await speak(me);
    await mine.ask('leave', { chat_id: past });
    const token = await settle(mine, mine.resume);

    await speaker.say(said, 'again');
    await speaker.say(past, 'of no concern any more');
    await speaker.ask('edit', { chat_id: edited, seq: 1, text: 'Bye' });
    const device = await speak(me);
    await device.ask('mark_read', { chat_id: readElsewhere, seq: 1 });
    await device.ask('update_own', { chat_id: muted, muted_until: 'forever' });
    await device.ask('leave', { chat_id: left });
    await speaker.ask('mark_delivered', { chat_id: read, seq: 1 });
    await speaker.ask('remove_member', { chat_id: removed, user_id: me.id });
    await speaker.ask('delete_group', { chat_id: deleted });
    await speaker.ask('add_members', { chat_id: member, user_ids: [bob.id] });
    const joined = await make(other, me);

    const changed = await resume(mine, token);
    const ids = changed.chats.map(({ chat_id }) => chat_id);
    expect(ids.sort()).toEqual([said, edited, readElsewhere, read, muted, member, joined].sort());
    expect(changed.left.sort()).toEqual([left, removed, deleted].sort());
    expect(ids).not.toContain(quiet);
    const find = (chatId: string) => changed.chats.find(({ chat_id }) => chat_id === chatId);
    expect(find(readElsewhere)).toMatchObject({ read_seq: 1, unread_count: 0 });
    expect(find(said)).toMatchObject({ last_seq: 2, version: 3, unread_count: 2 });
    expect(find(muted)).toMatchObject({ muted_until: 'forever' });
    await settle(mine, changed.resume);
  });

  it('tells what an older transaction commits after the token was made', async () => {
    const { chatId } = await createGroup(server, [alice, bob]);
    const a = await speak(alice);
    const connection = await sql.reserve();
    await connection`begin`;
    await connection`update chats set tx = pg_current_xact_id() where id = ${chatId}`;
    const { chatId: newer } = await createGroup(server, [alice, bob]);
    const { resume: token, chats } = await resume(a, a.resume);
    expect(chats.map(({ chat_id }) => chat_id)).toContain(newer);
    await connection`commit`;
    connection.release();
    expect((await resume(a, token)).chats.map(({ chat_id }) => chat_id)).toContain(chatId);
  });

  it('is not possible with a token of another life, of the future, or that is none', async () => {
    const a = await speak(alice);
    const [epoch, xid] = a.resume.split('.');
    for (const token of [`000000000000.${xid}`, `${epoch}.${Number(xid) + 1_000_000}`, 'nonsense', ''])
      expect(await a.ask('resume', { token })).toMatchObject({
        type: 'error',
        code: 'resume_not_possible',
        retry: 'never',
      });
    expect(await a.ask('resume', { token: a.resume })).toMatchObject({ type: 'changed' });
  });
});

describe('on two nodes', () => {
  it('what is written on one is told on the other: messages whole, and what became of them', async () => {
    const nodes = await startTwoNodes();
    const { one, two } = nodes;
    const at = postgres(one.databaseUrl, { max: 1 });
    const [ann, ben] = await createActors(one, 'Ann', 'Ben');
    const { chatId } = await createGroup(one, [ann, ben]);
    const [a, b] = [await FullSpeaker.logIn(one, ann), await FullSpeaker.logIn(two, ben)];
    const client = new Watermark(b, chatId);
    await client.sync(50);
    for (let i = 1; i <= 40; i++) {
      await a.say(chatId, `@Ben ${i}`, {
        mentions: [{ user_id: ben.id, offset: 0, length: 4 }],
        ...(i > 1 && { reply_to: i - 1 }),
      });
      if (i % 2 === 0) await a.ask('react', { chat_id: chatId, seq: i / 2, emoji: '👍' });
    }
    await a.ask('delete', { chat_id: chatId, seq: 5 });
    const [{ version }] = (await at`select version::int from chats where id = ${chatId}`) as unknown as [
      { version: number },
    ];
    await expect.poll(() => client.take() && client.version).toBe(version);
    expect(client.gaps).toBe(0);
    expect([...client.messages.values()]).toEqual(await rowsOf(chatId, at));
    await Promise.all([a.close(), b.close(), at.end()]);
    await nodes.stop();
  });

  it('versions that left no trace cost nobody a sync: the next change says which one it follows', async () => {
    const nodes = await startTwoNodes();
    const { one, two } = nodes;
    const at = postgres(one.databaseUrl, { max: 1 });
    const [ann, ben] = await createActors(one, 'Ann', 'Ben');
    const { chatId } = await createGroup(one, [ann, ben]);
    const [a, b] = [await FullSpeaker.logIn(one, ann), await FullSpeaker.logIn(two, ben)];
    const client = new Watermark(b, chatId);
    await client.sync(50);
    // As changes that were overtaken, of which no row tells any more.
    await at`update chats set version = version + 3 where id = ${chatId}`;
    await a.say(chatId, 'after them');
    await expect.poll(() => client.take() && client.version).toBe(5);
    await a.say(chatId, 'and one more');
    await expect.poll(() => client.take() && client.version).toBe(6);
    expect(client.gaps).toBe(0);
    expect(b.all('message')[0]).toMatchObject({ version: 5, after: 1 });
    expect(b.all('message')[1]).not.toHaveProperty('after');
    await Promise.all([a.close(), b.close(), at.end()]);
    await nodes.stop();
  });
});
