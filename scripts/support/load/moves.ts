import type { Sql } from '../../../src/server/db/client.ts';

/**
 * Moves staged messages to their place, numbered by time, and computes how far everybody has read. All statements are
 * short and commit at once; until `publish` nobody can see a row of theirs, because its chat does not exist.
 *
 * Staging is walked once in the order (chat, time, place in the file). A page may end within a chat, so it hands on its
 * last key and that row's number; numbers are therefore dense whatever the size of a page.
 */
const messagesPerPage = 5_000;
const chatsPerPage = 200;
const nilUuid = '00000000-0000-0000-0000-000000000000';

interface PageEnd {
  chat_id: string;
  sent_at: string;
  ord: number;
  seq: string;
  stored: number;
}

const first: PageEnd = { chat_id: nilUuid, sent_at: '-infinity', ord: -1, seq: '0', stored: 0 };

const storePage = async (sql: Sql, from: PageEnd): Promise<PageEnd | undefined> => {
  const [end] = await sql<PageEnd[]>`
    with page as materialized (
      select * from loading.messages
       where (chat_id, sent_at, ord) > (${from.chat_id}::uuid, ${from.sent_at}::text::timestamptz, ${from.ord}::int)
       order by chat_id, sent_at, ord limit ${messagesPerPage}
    ), numbered as materialized (
      select page.*, row_number() over (partition by chat_id order by sent_at, ord)
          + case when chat_id = ${from.chat_id}::uuid then ${from.seq}::bigint else 0 end as seq,
        exists (select from loading.pending_chats p where p.id = page.chat_id) as is_new
      from page
    ), stored as (
      insert into messages (chat_id, seq, id, sender_id, client_id, payload_hash, version, sent_at, created_at, text)
      select chat_id, seq, id, sender_id, id, payload_hash, seq + 1, sent_at, least(sent_at, now()), text
        from numbered where is_new order by chat_id, seq
    ), kept as (
      insert into loading.unseen (chat_id, seq, id, sender_id)
      select chat_id, seq, id, sender_id from numbered where is_new and not seen
    ), counted as (
      update loading.pending_chats p set last_seq = n.last_seq
        from (select chat_id, max(seq) as last_seq from numbered where is_new group by chat_id) n where p.id = n.chat_id
    )
    select chat_id, sent_at::text, ord, seq, (select count(*) filter (where is_new) from numbered)::int as stored
      from numbered order by chat_id desc, sent_at desc, ord desc limit 1`;
  return end;
};

/** Numbers and stores the messages of all pending chats; answers how many. */
export async function storeMessages(sql: Sql, onStored: (count: number) => void): Promise<number> {
  let stored = 0;
  let end: PageEnd | undefined = first;
  for (;;) {
    end = await storePage(sql, end);
    if (end === undefined) return stored;
    stored += end.stored;
    onStored(stored);
  }
}

/**
 * The position of every member of the pending chats: before the first message that is neither his own, nor seen by all,
 * nor marked by him. Whatever the file says of later messages, a position never claims that an unread one was read. Who
 * has read somebody else's message gets one step; when he read it the file does not tell, so it says the time of loading.
 */
export async function storePositions(sql: Sql): Promise<void> {
  let after = nilUuid;
  for (;;) {
    const [page] = await sql<{ last: string | null }[]>`
      select max(id::text) as last from (
        select id from loading.pending_chats where id > ${after}::uuid order by id limit ${chatsPerPage}) p`;
    if (page?.last == null) return;
    await sql`
      with placed as (
        insert into loading.positions (chat_id, user_id, read_seq)
        select m.chat_id, m.user_id, coalesce((
            select u.seq - 1 from loading.unseen u
             where u.chat_id = p.id and u.sender_id <> m.user_id and not exists (
               select from loading.message_seen_status s where s.message_id = u.id and s.user_id = m.user_id)
             order by u.seq limit 1), p.last_seq)
          from loading.pending_chats p join loading.chat_members m on m.chat_id = p.id
         where p.id > ${after}::uuid and p.id <= ${page.last}::uuid
        returning chat_id, user_id, read_seq
      )
      insert into message_reads (chat_id, user_id, seq, read_at)
      select chat_id, user_id, read_seq, now() from placed r
       where exists (select from messages m where m.chat_id = r.chat_id and m.seq <= r.read_seq and m.sender_id <> r.user_id)`;
    after = page.last;
  }
}
