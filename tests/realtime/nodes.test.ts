import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActor, createGroup, logIn, messageFrame, type Actor } from '../support/cast.ts';
import { FullSpeaker } from '../support/full-speaker.ts';
import type { TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts';

/** As a node that stores a message and dies before it tells anybody. */
async function sayQuietly(sql: postgres.Sql, sender: Actor, chatId: string): Promise<void> {
  const [session] = await sql<
    { id: string }[]
  >`select id from sessions where user_id = ${sender.id} and kind = 'device' and revoked_at is null limit 1`;
  await sql`select send_messages(array[${chatId}]::uuid[], '{1}', array[${session!.id}]::uuid[], array[${sender.id}]::uuid[],
    array[${randomUUID()}]::uuid[], array[${randomUUID()}]::uuid[], '{1}', '{quietly}', '{NULL}', '{null}', '60 s')`;
}

describe('two nodes on one database', () => {
  let nodes: TwoNodes;
  let one: TestServer;
  let two: TestServer;
  let alice: Actor;
  let bob: Actor;

  beforeAll(async () => {
    nodes = await startTwoNodes();
    ({ one, two } = nodes);
    [alice, bob] = await Promise.all([createActor(one, 'Alice'), createActor(two, 'Bob')]);
  });
  afterAll(() => nodes.stop());

  it('deliver to each other in one order, and tell the sender what was seen', async () => {
    const [a, b] = await Promise.all([logIn(one, alice), logIn(two, bob)]);
    const group = await a.ask({ name: 'Across', users: [bob.id] });
    expect(await b.next()).toEqual({
      ...group,
      user_group: expect.arrayContaining(group['user_group'] as unknown[]) as unknown[],
    });
    const chatId = String(group['chat_id']);
    for (let i = 0; i < 50; i++) {
      a.send(messageFrame(alice, chatId, `a${i}`));
      b.send(messageFrame(bob, chatId, `b${i}`));
    }
    const seqs = (socket: TestSocket, key: string): number[] =>
      socket.received
        .map((text) => JSON.parse(text) as Record<string, unknown>)
        .filter((f) => key in f && 'seq' in f)
        .map((f) => Number(f['seq']));
    for (const socket of [a, b]) {
      await socket.until('50 messages', () => seqs(socket, 'sender_id').length === 50);
      await socket.until('50 acks', () => seqs(socket, 'client_id').length === 50);
      const heard = seqs(socket, 'sender_id');
      expect(heard).toEqual([...heard].sort((x, y) => x - y));
      expect(new Set([...heard, ...seqs(socket, 'client_id')])).toEqual(
        new Set(Array.from({ length: 100 }, (_, i) => i + 1)),
      );
    }
    const last = JSON.parse(b.received.findLast((text) => text.includes('sender_id'))!) as { id: string };
    b.send({ message_id: last.id });
    await a.until('50 notifications', () => a.received.filter((text) => text.includes('message_seen')).length === 50);
    await Promise.all([a.close(), b.close()]);
  });

  it('who comes while another node’s word of what all have seen is looked up is not told of it', async () => {
    const { chatId } = await createGroup(one, [alice, bob]);
    const [a, b] = await Promise.all([logIn(one, alice), logIn(one, bob)]);
    await a.ask(messageFrame(alice, chatId, 'seen?'));
    const { id } = await b.next();
    b.send({ message_id: id });
    expect(await a.next()).toMatchObject({ type: 'message_seen' });
    const there = await logIn(two, alice);
    const later = await TestSocket.open(`${two.wsUrl}/ws`);
    const sql = postgres(one.databaseUrl, { max: 2 });
    await sql.begin(async (blocking) => {
      await blocking`lock table messages`;
      // From a node that nobody hears of otherwise.
      await sql`select pg_notify('messenger', ${JSON.stringify({ node: randomUUID(), seen: [[id, alice.id]] })})`;
      const waiting = async () =>
        (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
          .length;
      await expect.poll(waiting, { interval: 20 }).toBeGreaterThanOrEqual(2);
      // No longer than a statement may wait for a lock.
      expect(await later.ask({ email: alice.email, password: alice.password })).toMatchObject({ type: 'auth_success' });
    });
    expect(await there.next()).toMatchObject({ type: 'message_seen', detail: { id } });
    await later.expectNothingElse();
    await sql.end();
    await Promise.all([a, b, there, later].map((socket) => socket.close()));
  });

  it('a group of which no hint came is heard of, also when another member logged in before it was noticed', async () => {
    const sql = postgres(one.databaseUrl, { max: 1 });
    const carol = await createActor(one, 'Carol');
    await using a = await FullSpeaker.logIn(one, alice);
    const first = await FullSpeaker.logIn(one, carol);
    const { session_id: session } = first.all('ready')[0]!;
    await first.close();
    const make = async (): Promise<string> => {
      const chatId = randomUUID();
      await sql`select create_group(${session}, ${carol.id}, ${chatId}, ${randomUUID()}, 'Silent', ${[alice.id]}::uuid[], 'all', 100, 100)`;
      return chatId;
    };
    for (let turn = 0; turn < 3; turn++) {
      const chatId = await make();
      // Her chats are read now, this one too, and told about from now on.
      await using c = await FullSpeaker.logIn(one, carol);
      const created = await a.hearOne('group_created', (frame) => frame.chat_id === chatId);
      expect(created).toMatchObject({ version: 1, user_ids: expect.arrayContaining([alice.id, carol.id]) as unknown });
      await c.say(chatId, 'do you hear me?');
      await a.hearOne('message', (frame) => frame.chat_id === chatId);
      expect(a.all('group_created').filter((frame) => frame.chat_id === chatId)).toHaveLength(1);
    }
    await sql.end();
  });

  it('a person removed on one hears nothing more on the other', async () => {
    const { chatId } = await createGroup(one, [alice, bob]);
    const [a, b] = await Promise.all([logIn(one, alice), logIn(two, bob)]);
    await a.ask(messageFrame(alice, chatId, 'before'));
    expect((await b.next())['text']).toBe('before');
    const removal = await fetch(`${one.url}/api/v1/chats/${chatId}/members/${bob.id}`, {
      method: 'DELETE',
      headers: alice.authorization,
    });
    expect(removal.status).toBe(200);
    await a.ask(messageFrame(alice, chatId, 'after'));
    const { chatId: other } = await createGroup(one, [alice, bob]);
    await a.ask(messageFrame(alice, other, 'elsewhere'));
    await b.until('the later message', () => b.received.some((text) => text.includes('elsewhere')));
    expect(b.received.some((text) => text.includes('after'))).toBe(false);
    b.send(messageFrame(bob, chatId, 'still here?'));
    await b.until('the refusal', () => b.received.some((text) => text.includes('no_chat')));
    await Promise.all([a.close(), b.close()]);
  });

  it('a session ended on one closes its sockets on the other', async () => {
    const b = await TestSocket.open(`${two.wsUrl}/ws`, bob.authorization);
    await b.next();
    const gone = await createActor(one, 'Gone');
    const socket = await TestSocket.open(`${two.wsUrl}/ws`, gone.authorization);
    await socket.next();
    const answer = await fetch(`${one.url}/api/v1/auth/logout`, { method: 'POST', headers: gone.authorization });
    expect(answer.status).toBe(204);
    expect(await socket.closed()).toBe(4502);
    await b.expectNothingElse();
    await b.close();
  });

  it('what no hint told is found by comparing', async () => {
    const { chatId } = await createGroup(one, [alice, bob]);
    const b = await logIn(two, bob);
    const sql = postgres(one.databaseUrl, { max: 1 });
    await sayQuietly(sql, alice, chatId);
    expect((await b.next())['text']).toBe('quietly');
    await sql.end();
    await b.close();
  });

  it('what one had begun to write when it died is found by the other, which is alone since', async () => {
    const { chatId } = await createGroup(one, [alice, bob]);
    const a = await logIn(one, alice);
    const sql = postgres(one.databaseUrl, { max: 1 });
    const dying = two[Symbol.asyncDispose]();
    const listeners = () => sql`select from pg_stat_activity
      where application_name like 'messenger bus %' and datname = current_database()`;
    await expect.poll(listeners).toHaveLength(1);
    const [{ gone }] = (await sql`select clock_timestamp()::text as gone`) as [{ gone: string }];
    // The other looks around and finds itself alone; some looks later it would look no more for what no hint tells.
    await expect
      .poll(
        () => sql`select from pg_stat_activity where application_name = 'messenger teller' and datname = current_database()
        and query like '%pg_stat_activity%' and query_start > ${gone}::timestamptz`,
      )
      .toHaveLength(1);
    await sayQuietly(sql, bob, chatId);
    expect((await a.next())['text']).toBe('quietly');
    await dying;
    await sql.end();
    await a.close();
  });
});
