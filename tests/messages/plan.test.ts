import { randomUUID } from 'node:crypto';
import pino from 'pino';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { Lanes } from '../../src/server/db/lanes.ts';
import { Writer } from '../../src/server/messages/writer.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { createDatabase } from '../support/database.ts';

const messages = 300;

it.each([
  { what: 'sends', chained: false, scans: messages },
  { what: 'sends that come after one another', chained: true, scans: 2 * messages - 1 },
])(
  '$what, into a table that was empty when they were planned, look a client_id up by its own index alone',
  async ({ chained, scans }) => {
    await using database = await createDatabase();
    const sql = postgres(database.url, { max: 1 });
    const [chatId, userId, sessionId] = [randomUUID(), randomUUID(), randomUUID()];
    await sql`insert into chats (id, type, version, members_version) values (${chatId}, 'group', 1, 1)`;
    await sql`insert into users (id, name, username) values (${userId}, 'somebody', 'somebody')`;
    await sql`insert into sessions (id, user_id, kind, expires_at) values (${sessionId}, ${userId}, 'device', now() + interval '1 day')`;
    await sql`insert into memberships (chat_id, user_id, version) values (${chatId}, ${userId}, 1)`;
    // The statistics of an empty table say that any way through it costs nothing.
    await sql`vacuum analyze messages, chats, memberships, sessions, users`;

    const lanes = new Lanes(database.url);
    const writer = new Writer({
      lanes,
      log: pino({ level: 'silent' }),
      metrics: createMetrics(),
      publish: () => undefined,
      uncertain: () => undefined,
    });
    let after: string | null = null;
    for (let i = 0; i < messages; i++) {
      const clientId = randomUUID();
      await writer.send({ sessionId, senderId: userId, chatId, clientId, text: 'x', sentAt: null, after });
      if (chained) after = clientId;
    }
    // A backend hands in its statistics when it ends.
    await lanes[Symbol.asyncDispose]();

    const used = async () =>
      sql<{ name: string; scans: number }[]>`
      select indexrelname as name, idx_scan::int as scans from pg_stat_user_indexes where relname = 'messages' and idx_scan > 0
      union all select 'messages itself', seq_scan::int from pg_stat_user_tables where relname = 'messages' and seq_scan > 0`;
    await expect.poll(used).toEqual([{ name: 'messages_client_id_key', scans }]);
    await sql.end();
  },
);
