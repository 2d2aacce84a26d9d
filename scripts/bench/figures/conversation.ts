import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { Lanes } from '../../../src/server/db/lanes.ts';
import { Marks } from '../../../src/server/messages/marks.ts';
import { openPool } from '../../../src/server/db/client.ts';
import type { Context, Family } from '../support/context.ts';
import { compare, runInLines, type Side } from '../support/rounds.ts';
import { createWorld, fillChats, idOf } from '../support/world.ts';
import { openMessageWriter } from './writer.ts';

/** What people do in a conversation beside plain sends, through the real writer and without sockets, in one database. */
const names = ['writer-rich', 'mark-delivered'] as const;

const world = { people: 64, chats: 64, members: 10, step: 1 };
const text = 'How are you? It has been a while since we last talked.';
/** As many members of chats as there are: each does one thing at a time. */
const lines = world.chats * world.members;

/** Line n is a member of a chat: the first one of each chat, then the second ones. */
function memberOf(line: number): { userId: string; sessionId: string; chatId: string; other: string } {
  const [chat, member] = [line % world.chats, Math.floor(line / world.chats)];
  const person = (chat + member) % world.people;
  const other = idOf('user', (chat + ((member + 1) % world.members)) % world.people);
  return { userId: idOf('user', person), sessionId: idOf('session', person), chatId: idOf('chat', chat), other };
}

const toSend = (line: number) => {
  const { userId: senderId, sessionId, chatId } = memberOf(line);
  return { sessionId, senderId, chatId, clientId: randomUUID(), text, sentAt: '2025-05-04T04:45:50Z' };
};

async function run(context: Context): Promise<void> {
  const messages = context.quick ? 200 : 1_000;
  await using database = await context.createDatabase();
  await createWorld(database.url, world);
  await fillChats(database.url, world, { from: 0, to: world.chats, messages });
  await using opened = openMessageWriter(database.url);
  const { writer } = opened;
  const parties = { postmaster: context.postmaster };
  const plain: Side = { parties, run: (ms) => runInLines(lines, ms, (line) => writer.send(toSend(line))) };
  const before = new Map<number, string>();
  /** Each answers a message, mentions somebody, and follows the sender's last one. */
  const rich: Side = {
    parties,
    run: (ms) =>
      runInLines(lines, ms, (line) => {
        const send = toSend(line);
        const after = before.get(line) ?? null;
        before.set(line, send.clientId);
        const mentions = [{ user_id: memberOf(line).other, offset: 0, length: 3 }];
        return writer.send({ ...send, replyTo: 1 + (line % messages), mentions, after });
      }),
  };
  if (context.wants('writer-rich'))
    await report(context, { name: 'writer-rich', unit: 'sends/s', atLeast: 0.5, ours: rich, plain });
  if (context.wants('mark-delivered')) await measureMarks(context, database.url, plain);
}

async function report(
  context: Context,
  { name, unit, atLeast, ours, plain }: { name: string; unit: string; atLeast: number; ours: Side; plain: Side },
): Promise<void> {
  const { rate, referenceRate, cpuMicros, limitedBy } = await compare(ours, plain, context.rounds);
  const reach = { of: 'ratio' as const, atLeast };
  context.report({ name, value: rate, unit, reference: referenceRate, reach, cpuMicros, limitedBy });
}

/** Every mark moves a position by one. */
async function measureMarks(context: Context, url: string, plain: Side): Promise<void> {
  const [sql, lanes] = [openPool(url, 1), new Lanes(url)];
  const marks = new Marks({ sql, lanes, log: pino({ level: 'error' }), publish: () => undefined });
  const seqs = Array.from({ length: lines }, () => 0);
  const ours: Side = {
    parties: { postmaster: context.postmaster },
    run: (ms) =>
      runInLines(lines, ms, async (line) => {
        const seq = ++seqs[line]!;
        const { deliveredSeq } = await marks.markDelivered({ ...memberOf(line), seq });
        if (deliveredSeq !== seq) throw new Error(`mark-delivered: at ${deliveredSeq} after marking ${seq}`);
      }),
  };
  await report(context, { name: 'mark-delivered', unit: 'marks/s', atLeast: 0.8, ours, plain });
  marks[Symbol.dispose]();
  await lanes[Symbol.asyncDispose]();
  await sql.end({ timeout: 5 });
}

export const conversationFamily: Family = { names, run };
