/** Long chats, written straight into the database as if they had been said. */
import postgres from 'postgres';
import type { Actor } from '../../support/cast.ts';
import type { TestServer } from '../../support/server.ts';

interface History {
  chatId: string;
  /** Who speaks, by turns of three messages. */
  speakers: readonly Actor[];
  count: number;
  /** The time of the newest; now by default. One message a minute leads there. */
  until?: Date;
  everyMs?: number;
  /** Every so many messages one has several lines; 5 by default. */
  longEvery?: number;
  /** Who has read up to where; nobody has read anything by default. */
  read?: readonly { who: Actor; seq: number }[];
}

/** Texts are `Message <seq>`, some with a few lines more. */
export async function writeHistory(server: Pick<TestServer, 'databaseUrl'>, history: History): Promise<void> {
  const { chatId, speakers, count, until = new Date(), everyMs = 60_000, longEvery = 5, read = [] } = history;
  const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => undefined });
  const ids = speakers.map(({ id }) => id);
  try {
    await sql.begin(async (tx) => {
      await tx`
        insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text)
        select c.id, c.last_seq + n, gen_random_uuid(), (${ids}::uuid[])[1 + (n / 3) % ${ids.length}], gen_random_uuid(), n,
          c.version + n, ${until.toISOString()}::timestamptz - (${count} - n) * ${everyMs / 1_000}::float8 * interval '1 second', now(),
          'Message ' || (c.last_seq + n) || case when n % ${longEvery} = 0 then repeat(' and a few more words', 3 + n % 11) else '' end
        from chats c, generate_series(1, ${count}) n where c.id = ${chatId}`;
      await tx`update chats set last_seq = last_seq + ${count}, version = version + ${count},
        tx = pg_current_xact_id() where id = ${chatId}`;
      for (const { who, seq } of read)
        await tx`update memberships set read_seq = ${seq}, delivered_seq = greatest(delivered_seq, ${seq}),
          tx = pg_current_xact_id() where chat_id = ${chatId} and user_id = ${who.id}`;
    });
  } finally {
    await sql.end();
  }
}
