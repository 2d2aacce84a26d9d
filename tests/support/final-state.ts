import type postgres from 'postgres';
import type { FinalState, MemberView, StoredMember, StoredMessage } from './checker.ts';
import type { Person } from './trace.ts';

interface Page {
  seq: number;
  id: string;
  sender_id: string;
  text: string;
  seen: boolean;
}

async function get<T>(url: string, token: string): Promise<T> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return (await response.json()) as T;
}

async function readHistory(url: string, chatId: string, token: string): Promise<MemberView['history']> {
  const rows: MemberView['history'] = [];
  for (let after = 0; ;) {
    const page = await get<Page[]>(`${url}/history/${chatId}?limit=200&after=${after}`, token);
    for (const { seq, id, sender_id: senderId, text, seen } of page) rows.push({ seq, id, senderId, text, seen });
    if (page.length < 200) return rows;
    after = page.at(-1)!.seq;
  }
}

/** What is stored, by SQL, and what each member is shown, over HTTP. */
export async function readFinalState(options: {
  sql: postgres.Sql;
  url: string;
  people: Person[];
}): Promise<FinalState> {
  const { sql, url, people } = options;
  const messages = await sql<StoredMessage[]>`
    select chat_id as "chatId", seq::float8 as seq, id, sender_id as "senderId", client_id as "clientId", text
      from messages order by chat_id, messages.seq`;
  const members = await sql<StoredMember[]>`
    select chat_id as "chatId", user_id as "userId", read_seq::float8 as "readSeq", left_seq::float8 as "leftSeq" from memberships`;
  const chats = await sql<{ id: string; lastSeq: number }[]>`select id, last_seq::float8 as "lastSeq" from chats`;
  const views: MemberView[] = [];
  for (const { id: userId, token } of people) {
    const list = await get<{ id: string; read_seq: number; unread_count: number }[]>(
      `${url}/api/v1/chats?limit=200`,
      token,
    );
    for (const { id: chatId, read_seq: readSeq, unread_count: unread } of list)
      views.push({ chatId, userId, history: await readHistory(url, chatId, token), readSeq, unread });
  }
  return {
    messages: [...messages],
    members: [...members],
    lastSeqs: new Map(chats.map((c) => [c.id, c.lastSeq])),
    views,
  };
}
