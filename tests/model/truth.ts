/** What the database holds, read by statements of this file: none of the server's own functions counts or joins here. */
import type postgres from 'postgres';
import type { Message, OwnState, Role } from '../../src/client/index.ts';

export interface TrueMember {
  userId: string;
  role: Role;
  deliveredSeq: number;
  readSeq: number;
  /** What was said up to here is not for them. */
  floor: number;
}

export interface TrueChat {
  id: string;
  type: 'direct' | 'group';
  version: number;
  lastSeq: number;
  name: string | null;
  description: string | null;
  groupId: string | null;
  members: Map<string, TrueMember>;
  /** From `firstHeld` of what was asked for. */
  messages: Map<number, Message>;
  own: Map<string, OwnState>;
}

export type Truth = Map<string, TrueChat>;

interface ChatRow {
  id: string;
  type: 'direct' | 'group';
  version: number;
  last_seq: number;
  name: string | null;
  description: string | null;
  group_id: string | null;
}

const listChats = (sql: postgres.Sql): Promise<ChatRow[]> => sql<ChatRow[]>`
  select c.id, c.type, c.version::float8 as version, c.last_seq::float8 as last_seq, g.name, g.description, g.id as group_id
    from chats c left join groups g on g.chat_id = c.id where c.deleted_at is null`;

interface MemberRow extends Omit<OwnState, 'draft'> {
  user_id: string;
  floor: number;
  draft_text: string | null;
  draft_reply: number | null;
  draft_at: string | null;
}

const listMembers = (sql: postgres.Sql): Promise<MemberRow[]> => sql<MemberRow[]>`
  select s.chat_id, s.user_id, s.role, s.delivered_seq::float8 as delivered_seq, s.read_seq::float8 as read_seq,
      case when g.history = 'since_joined' then s.joined_seq else 0 end::float8 as floor,
      c.version::float8 as version, c.last_seq::float8 as last_seq, s.marked_unread,
      case when s.muted_until = 'infinity' then 'forever' when s.muted_until > now() then instant(s.muted_until) end as muted_until,
      s.archived_at is not null as archived, s.pinned_at is not null as pinned,
      d.text as draft_text, d.reply_seq::float8 as draft_reply, instant(d.updated_at) as draft_at,
      (select count(*)::int from messages m where m.chat_id = s.chat_id and m.seq > s.read_seq
        and m.sender_id <> s.user_id and m.deleted_at is null) as unread_count,
      (select count(*)::int from messages m where m.chat_id = s.chat_id and m.seq > s.read_seq and m.deleted_at is null
        and exists (select from mentions n where n.chat_id = m.chat_id and n.seq = m.seq and n.user_id = s.user_id)) as unread_mentions
    from memberships s join chats c on c.id = s.chat_id left join groups g on g.chat_id = c.id
    left join drafts d on d.chat_id = s.chat_id and d.user_id = s.user_id
   where s.left_seq is null and c.deleted_at is null`;

interface ReactionRow {
  chat_id: string;
  seq: number;
  emoji: string;
  user_id: string;
}

/** Where to begin, by chat. */
export type Floors = Map<string, number>;

const listMessages = (sql: postgres.Sql, floors: Floors): Promise<Record<string, unknown>[]> => sql`
  select m.id, m.chat_id, m.seq::float8 as seq, m.version::float8 as version, m.changed_version::float8 as changed_version,
      m.sender_id, m.client_id, m.text, instant(m.sent_at) as timestamp, m.reply_seq::float8 as reply_to, m.mentions,
      m.forwarded_sender_id, instant(m.forwarded_sent_at) as forwarded_timestamp, instant(m.edited_at) as edited_at,
      instant(m.deleted_at) as deleted_at, instant(m.pinned_at) as pinned_at, m.pinned_by
    from unnest(${[...floors.keys()]}::uuid[], ${[...floors.values()]}::bigint[]) as f (chat_id, seq)
    join messages m on m.chat_id = f.chat_id and m.seq >= f.seq order by m.chat_id, m.seq`;

const listReactions = (sql: postgres.Sql, floors: Floors): Promise<ReactionRow[]> => sql<ReactionRow[]>`
  select r.chat_id, r.seq::float8 as seq, r.emoji, r.user_id
    from unnest(${[...floors.keys()]}::uuid[], ${[...floors.values()]}::bigint[]) as f (chat_id, seq)
    join reactions r on r.chat_id = f.chat_id and r.seq >= f.seq order by r.created_at, r.user_id`;

/** Reads everything in one snapshot; messages from `floors` on. */
export async function readTruth(sql: postgres.Sql, floors: Floors): Promise<Truth> {
  const truth: Truth = new Map();
  await sql.begin('isolation level repeatable read read only', async (snapshot) => {
    const at = snapshot as unknown as postgres.Sql;
    for (const { group_id: groupId, last_seq: lastSeq, ...row } of await listChats(at))
      truth.set(row.id, { ...row, groupId, lastSeq, members: new Map(), messages: new Map(), own: new Map() });
    for (const row of await listMembers(at)) addMember(truth.get(row.chat_id)!, row);
    for (const row of await listMessages(at, floors)) addMessage(truth.get(row['chat_id'] as string), row);
    for (const row of await listReactions(at, floors)) addReaction(truth.get(row.chat_id), row);
  });
  return truth;
}

function addMember(chat: TrueChat, row: MemberRow): void {
  const { user_id: userId, draft_text: text, draft_reply: reply, draft_at: at, floor, ...own } = row;
  const { role, delivered_seq: deliveredSeq, read_seq: readSeq } = own;
  chat.members.set(userId, { userId, role, deliveredSeq, readSeq, floor });
  const draft = text === null ? null : { text, updated_at: at!, ...(reply === null ? {} : { reply_to: reply }) };
  chat.own.set(userId, { ...own, draft });
}

function addMessage(chat: TrueChat | undefined, row: Record<string, unknown>): void {
  const { forwarded_sender_id: sender, forwarded_timestamp: timestamp, ...rest } = row;
  const message = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) as Message;
  if (sender !== null) message.forwarded = { sender_id: sender as string, timestamp: timestamp as string };
  chat?.messages.set(message.seq, message);
}

function addReaction(chat: TrueChat | undefined, { seq, emoji, user_id: userId }: ReactionRow): void {
  const message = chat?.messages.get(seq);
  if (message === undefined) return;
  message.reactions ??= [];
  const reaction = message.reactions.find((one) => one.emoji === emoji);
  if (reaction) reaction.user_ids.push(userId);
  else message.reactions.push({ emoji, user_ids: [userId] });
}
