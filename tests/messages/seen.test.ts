import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pino from 'pino';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lanes } from '../../src/server/db/lanes.ts';
import { Marks } from '../../src/server/messages/marks.ts';
import { Writer } from '../../src/server/messages/writer.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

interface Member {
  userId: string;
  sessionId: string;
}

type Step = { kind: 'send' | 'leave'; who: number } | { kind: 'mark'; who: number; upTo: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('send' as const), who: fc.nat(3) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('mark' as const), who: fc.nat(3), upTo: fc.integer({ min: 1, max: 15 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.integer({ min: 1, max: 2 }) }) },
);

describe('a message is seen by all', () => {
  let database: TestDatabase;
  let sql: postgres.Sql;
  let lanes: Lanes;
  let writer: Writer;
  let marks: Marks;
  const announced: string[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    sql = postgres(database.url, { max: 2 });
    lanes = new Lanes(database.url);
    const log = pino({ level: 'silent' });
    writer = new Writer({ lanes, log, metrics: createMetrics(), publish: () => undefined, uncertain: () => undefined });
    marks = new Marks({
      sql,
      lanes,
      log,
      publish: (events) => {
        for (const event of events) if (event.kind === 'message_seen') announced.push(event.message.id);
      },
    });
  });
  afterAll(async () => {
    await lanes[Symbol.asyncDispose]();
    await sql.end();
    await database[Symbol.asyncDispose]();
  });

  async function createGroup(): Promise<{ chatId: string; members: Member[] }> {
    const chatId = randomUUID();
    const members = Array.from({ length: 4 }, () => ({ userId: randomUUID(), sessionId: randomUUID() }));
    await sql`insert into chats (id, type, version, members_version) values (${chatId}, 'group', 1, 1)`;
    for (const { userId, sessionId } of members) {
      await sql`insert into users (id, name, username) values (${userId}, 'somebody', ${userId.slice(0, 30)})`;
      await sql`insert into sessions (id, user_id, kind, expires_at) values (${sessionId}, ${userId}, 'device', now() + interval '1 day')`;
      await sql`insert into memberships (chat_id, user_id, version) values (${chatId}, ${userId}, 1)`;
    }
    await sql`insert into groups (id, chat_id, name, version) values (${randomUUID()}, ${chatId}, 'g', 1)`;
    await sql`update memberships set role = 'owner' where chat_id = ${chatId} and user_id = ${members[0]!.userId}`;
    return { chatId, members };
  }

  it('exactly when every member but its sender has read it, and is announced once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const { chatId, members } = await createGroup();
        const sent: { id: string; who: number }[] = [];
        const read = [0, 0, 0, 0];
        const gone = new Set<number>();
        const seen = new Set<string>();
        announced.length = 0;

        /** The definition itself, message by message. */
        const becameSeen = (): string[] =>
          sent
            .filter(
              ({ id, who }, i) =>
                !seen.has(id) && read.every((upTo, other) => other === who || gone.has(other) || upTo > i),
            )
            .map(({ id }) => id);

        for (const { kind, who, ...rest } of steps) {
          if (gone.has(who)) continue;
          const { userId, sessionId } = members[who]!;
          const before = announced.length;
          if (kind === 'send') {
            const text = `${sent.length}`;
            const { id } = await writer.send({
              sessionId,
              senderId: userId,
              chatId,
              clientId: randomUUID(),
              text,
              sentAt: null,
            });
            sent.push({ id, who });
            continue;
          }
          if (kind === 'leave') {
            const [row] = await sql<{ answer: { status: string; seen: { id: string }[] } }[]>`
              select remove_member(${sessionId}, ${userId}, ${chatId}, ${userId}, 100) as answer`;
            announced.push(...row!.answer.seen.map(({ id }) => id));
            gone.add(who);
          } else if ('upTo' in rest) {
            const { readSeq } = await marks.mark({ sessionId, userId, chatId, seq: rest.upTo });
            read[who] = readSeq;
          }
          const expected = becameSeen();
          expect(announced.slice(before)).toEqual(expected);
          for (const id of expected) seen.add(id);
        }
        const rows = await sql<{ id: string; seen: boolean }[]>`
          select m.id, m.seq <= seen_up_to(m.sender_id, c.seen_seq, c.behind_id, c.behind_seen_seq) as seen
            from messages m join chats c on c.id = m.chat_id where m.chat_id = ${chatId} order by m.seq`;
        expect(rows.filter((row) => row.seen).map((row) => row.id)).toEqual(
          sent.map(({ id }) => id).filter((id) => seen.has(id)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('and a mark passes over own messages that follow directly, never over those of others', async () => {
    const { chatId, members } = await createGroup();
    const send = async (who: number): Promise<void> => {
      const { userId: senderId, sessionId } = members[who]!;
      await writer.send({ sessionId, senderId, chatId, clientId: randomUUID(), text: 'x', sentAt: null });
    };
    for (const who of [0, 1, 1, 0, 1]) await send(who);
    const { userId, sessionId } = members[1]!;
    expect(await marks.mark({ sessionId, userId, chatId, seq: 1 })).toMatchObject({ readSeq: 3 });
    expect(await marks.mark({ sessionId, userId, chatId, seq: 1 })).toMatchObject({ readSeq: 3 });
    expect(await marks.mark({ sessionId, userId, chatId, seq: 99 })).toMatchObject({ readSeq: 5 });
  });
});
