import { toArray } from '../db/arrays.ts';
import type { Sql } from '../db/client.ts';

/** A message to be told on, and by whom. */
export interface Source {
  /** Who tells it on. */
  userId: string;
  chatId: string;
  seq: number;
}

/** What was said, by whom and when at first, however often it was told on. */
export interface Forwardable {
  text: string;
  senderId: string;
  sentAt: string;
}

/**
 * What is to be told on, for each source in order; undefined where there is no such message, it was deleted, or it is not
 * for that person to see: as a member, or as a former one up to where they left and as it was then.
 */
export async function findForwardables(sql: Sql, sources: readonly Source[]): Promise<(Forwardable | undefined)[]> {
  const rows = await sql<{ place: number; text: string; sender_id: string; sent_at: string }[]>`
    select t.place::int, case when s.left_seq is null then m.text else text_until(t.chat_id, t.seq, s.version, s.left_seq) end as text,
        coalesce(m.forwarded_sender_id, m.sender_id) as sender_id,
        instant(coalesce(m.forwarded_sent_at, m.sent_at)) as sent_at
      from unnest(${toArray(sources.map((source) => source.userId))}::uuid[],
        ${toArray(sources.map((source) => source.chatId))}::uuid[], ${toArray(sources.map((source) => source.seq))}::bigint[])
        with ordinality as t(user_id, chat_id, seq, place)
      join memberships s on s.chat_id = t.chat_id and s.user_id = t.user_id
      join chats c on c.id = t.chat_id and c.deleted_at is null
      left join groups g on g.chat_id = t.chat_id
      join messages m on m.chat_id = t.chat_id and m.seq = t.seq and m.deleted_at is null
     where t.seq <= coalesce(s.left_seq, t.seq) and (g.history is distinct from 'since_joined' or t.seq > s.joined_seq)`;
  const found = new Map(
    rows.map(({ place, text, sender_id: senderId, sent_at: sentAt }) => [place, { text, senderId, sentAt }]),
  );
  return sources.map((_source, i) => found.get(i + 1));
}
