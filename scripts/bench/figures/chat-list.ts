import { listChats } from '../../../src/server/chats/queries.ts';
import { openPool, type Sql } from '../../../src/server/db/client.ts';
import type { Context, Family } from '../support/context.ts';
import { startMeter, toShares, toTotalMs } from '../support/cpu.ts';
import { median, toLimit } from '../support/result.ts';
import { createWorld, fillChats, idOf } from '../support/world.ts';

const name = 'chat-list';

/** The same list with unread messages counted row by row, as a counterless server without positions does it. */
const countChats = (sql: Sql, userId: string, limit: number) => sql`
  select s.chat_id, g.name, m.id, m.seq, m.text, m.sender_id, m.created_at,
    (select count(*) from messages u where u.chat_id = s.chat_id and u.seq > s.read_seq and u.sender_id <> ${userId}
      and u.deleted_at is null) as unread
  from memberships s join groups g on g.chat_id = s.chat_id
  left join lateral (select * from messages m where m.chat_id = s.chat_id order by m.seq desc limit 1) m on true
  where s.user_id = ${userId} and s.left_seq is null
  order by m.created_at desc limit ${limit}`;

async function run(context: Context): Promise<void> {
  const [chats, messages] = [context.quick ? 60 : 500, 5_000];
  await using database = await context.createDatabase();
  const world = { people: 3, chats, members: 3, step: 0 };
  await createWorld(database.url, world);
  context.say(`  storing ${chats} chats with ${messages} unread messages each`);
  await fillChats(database.url, world, { from: 0, to: chats, messages });
  const sql = openPool(database.url, 1);
  const [userId, sessionId] = [idOf('user', 0), idOf('session', 0)];
  const lists: number[] = [];
  const counts: number[] = [];
  const time = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
    const startedAt = performance.now();
    await work();
    into.push(performance.now() - startedAt);
  };
  const stop = startMeter({ postmaster: context.postmaster });
  const rounds = context.rounds.rounds * 2;
  for (let i = 0; i < rounds; i++) {
    for (let again = 0; again < 5; again++)
      await time(lists, () => listChats(sql, { sessionId, userId, limit: chats }));
    await time(counts, () => countChats(sql, userId, chats));
  }
  const usage = stop();
  await sql.end({ timeout: 5 });
  context.report({
    name,
    value: median(lists),
    unit: 'ms',
    reference: median(counts),
    reach: { of: 'ratio', atMost: 1 / 30 },
    cpuMicros: (toTotalMs(usage) * 1_000) / (rounds * 6),
    limitedBy: toLimit(toShares([usage])),
  });
}

export const chatListFamily: Family = { names: [name], run };
