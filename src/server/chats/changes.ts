import { z } from 'zod';
import type { Sql } from '../db/client.ts';
import type { ChatEvent } from '../realtime/events.ts';

const maxMessages = 1_000;

const changesSchema = z.object({
  type: z.enum(['direct', 'group']),
  version: z.number(),
  messages: z.array(
    z.object({
      id: z.string(),
      seq: z.number(),
      version: z.number(),
      sender_id: z.string(),
      text: z.string(),
      sent_at: z.string(),
    }),
  ),
  memberships: z.array(z.object({ user_id: z.string(), version: z.number(), left: z.boolean() })),
  group: z.object({ id: z.string(), name: z.string(), creator_id: z.string().nullable() }).nullable(),
});
type Changes = z.infer<typeof changesSchema>;

/** What changed in a chat: events by version, and the version they lead to. What was overtaken is not told. */
export interface ChatChanges {
  events: ChatEvent[];
  version: number;
  /** There are later messages than those told. */
  more: boolean;
}

/** Everything after a version, at most 1,000 messages at once; undefined when there is no such chat. One statement: one snapshot. */
export async function findChangesAfter(sql: Sql, chatId: string, after: number): Promise<ChatChanges | undefined> {
  const [row] = await sql<{ changes: unknown }[]>`
    select json_build_object('type', c.type, 'version', c.version,
      'messages', (select coalesce(json_agg(m order by m.seq), '[]') from (
        select id, seq, version, sender_id, text, instant(sent_at) as sent_at from messages
         where chat_id = c.id and seq > ${after} - (c.version - c.last_seq) and version > ${after}
         order by seq limit ${maxMessages}) m),
      'memberships', (select coalesce(json_agg(json_build_object('user_id', user_id, 'version', version,
          'left', left_seq is not null) order by version), '[]')
         from memberships where chat_id = c.id and version > ${after}),
      'group', (select json_build_object('id', id, 'name', name, 'creator_id', creator_id)
         from groups where chat_id = c.id and version > ${after})) as changes
    from chats c where c.id = ${chatId}`;
  return row && toEvents(chatId, changesSchema.parse(row.changes));
}

function toEvents(chatId: string, changes: Changes): ChatChanges {
  const last = changes.messages.at(-1);
  const more = changes.messages.length === maxMessages;
  const version = more && last ? last.version : changes.version;
  const events: ChatEvent[] = changes.messages.map((m) => ({
    kind: 'message',
    chatId,
    version: m.version,
    message: { id: m.id, seq: m.seq, senderId: m.sender_id, chatId, text: m.text, sentAt: m.sent_at },
  }));
  const memberships = changes.memberships.filter((membership) => membership.version <= version);
  for (const at of new Set(memberships.map((membership) => membership.version)))
    events.push(
      ...toMemberEvents(
        chatId,
        at,
        memberships.filter((membership) => membership.version === at),
        changes,
      ),
    );
  return { events: events.sort((a, b) => a.version - b.version), version, more };
}

/** A chat begins with version 1; later memberships are changes of its members. */
function toMemberEvents(
  chatId: string,
  version: number,
  memberships: Changes['memberships'],
  { group, type }: Changes,
): ChatEvent[] {
  const joined = memberships.filter(({ left }) => !left).map(({ user_id }) => user_id);
  const events: ChatEvent[] = memberships
    .filter(({ left }) => left)
    .map(({ user_id }) => ({ kind: 'member_removed', chatId, version, userId: user_id }));
  if (joined.length === 0) return events;
  if (version > 1 || (type === 'group' && !group?.creator_id)) {
    events.push({ kind: 'members_added', chatId, version, userIds: joined });
  } else if (group?.creator_id) {
    const { id, name, creator_id } = group;
    events.push({
      kind: 'group_created',
      chatId,
      version,
      group: { id, name, creatorId: creator_id, memberIds: joined },
    });
  } else {
    events.push({ kind: 'direct_opened', chatId, version, memberIds: joined });
  }
  return events;
}
