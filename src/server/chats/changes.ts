import { z } from 'zod';
import { role as roleSchema } from '../../protocol/chats.ts';
import type { Sql } from '../db/client.ts';
import type { ChatEvent, StoredMessage } from '../realtime/events.ts';

const maxMessages = 1_000;
/** Of those that were changed; with all who reacted they are larger. */
const maxChanged = 200;

const mention = z.object({ user_id: z.string(), offset: z.number(), length: z.number() });

const changesSchema = z.object({
  type: z.enum(['direct', 'group']),
  version: z.number(),
  deleted: z.boolean(),
  messages: z.array(
    z.object({
      id: z.string(),
      seq: z.number(),
      version: z.number(),
      sender_id: z.string(),
      text: z.string(),
      sent_at: z.string(),
      client_id: z.string(),
      client_key: z.string().nullable(),
      reply_seq: z.number().nullable(),
      forwarded_sender_id: z.string().nullable(),
      forwarded_sent_at: z.string().nullable(),
      mentions: z.array(mention).nullable(),
    }),
  ),
  /** Version and row of messages that were changed, and the members who may not see them. */
  changed: z.array(z.tuple([z.number(), z.string(), z.array(z.string()).nullable()])),
  memberships: z.array(
    z.object({
      user_id: z.string(),
      version: z.number(),
      joined_version: z.number(),
      role: roleSchema,
      left: z.boolean(),
    }),
  ),
  group: z
    .object({
      id: z.string(),
      name: z.string(),
      description: z.string().nullable(),
      avatar: z.string().nullable(),
      creator_id: z.string().nullable(),
      version: z.number(),
    })
    .nullable(),
});
type Changes = z.infer<typeof changesSchema>;

/** What changed in a chat: events by version, and the version they lead to. What was overtaken is not told. */
export interface ChatChanges {
  events: ChatEvent[];
  version: number;
  /** There are later changes than those told. */
  more: boolean;
}

/**
 * Everything after a version, at most 1,000 new messages and 200 changed ones at once; undefined when there is no such chat.
 * A new message is told as it is now; when it was changed, that is told as well. Of a deleted chat its deletion is all there
 * is to tell. One statement: one snapshot.
 */
export async function findChangesAfter(sql: Sql, chatId: string, after: number): Promise<ChatChanges | undefined> {
  const [row] = await sql<{ changes: unknown }[]>`
    select json_build_object('type', c.type, 'version', c.version, 'deleted', c.deleted_at is not null,
      'messages', (select coalesce(json_agg(m order by m.seq), '[]') from (
        select id, seq, version, sender_id, text, instant(sent_at) as sent_at, client_id, client_key, reply_seq,
          forwarded_sender_id, instant(forwarded_sent_at) as forwarded_sent_at, mentions from messages
         where chat_id = c.id and c.deleted_at is null and seq > ${after} - (c.version - c.last_seq) and version > ${after}
         order by seq limit ${maxMessages}) m),
      'changed', (select coalesce(json_agg(json_build_array(m.changed_version, m.row, m.blind) order by m.changed_version), '[]') from (
        select message.changed_version, message_json(message, reactions_of(message.chat_id, message.seq))::text as row,
            blind_to(message.chat_id, message.seq) as blind
          from messages message
         where message.chat_id = c.id and c.deleted_at is null and message.changed_version > ${after}
         order by message.changed_version limit ${maxChanged}) m),
      'memberships', (select coalesce(json_agg(json_build_object('user_id', user_id, 'version', version,
          'joined_version', joined_version, 'role', role, 'left', left_seq is not null) order by version), '[]')
         from memberships where chat_id = c.id and c.deleted_at is null and version > ${after}),
      'group', (select json_build_object('id', id, 'name', name, 'description', description, 'avatar', avatar,
          'creator_id', creator_id, 'version', version) from groups where chat_id = c.id)) as changes
    from chats c where c.id = ${chatId}`;
  return row && toChanges({ chatId, after }, changesSchema.parse(row.changes));
}

interface Place {
  chatId: string;
  after: number;
}

function toChanges({ chatId, after }: Place, changes: Changes): ChatChanges {
  if (changes.deleted) {
    const { version } = changes;
    return { events: version > after ? [{ kind: 'chat_deleted', chatId, version }] : [], version, more: false };
  }
  const { version, more } = findEnd(changes);
  const place = { chatId, after };
  const events = [
    ...toMessageEvents(place, changes),
    ...toChangedEvents(place, changes),
    ...toLeavings(place, changes),
    ...toJoinings(place, changes),
    ...toRoleEvents(place, changes),
    ...toGroupEvents(place, changes),
  ].filter((event) => event.version <= version);
  return { events: events.sort((a, b) => a.version - b.version), version, more };
}

/** Up to where everything is there: a list that is full may go on behind its last element. */
function findEnd({ version, messages, changed }: Changes): { version: number; more: boolean } {
  const ends: number[] = [];
  if (messages.length === maxMessages) ends.push(messages.at(-1)!.version);
  if (changed.length === maxChanged) ends.push(changed.at(-1)![0]);
  return { version: Math.min(version, ...ends), more: ends.length > 0 };
}

const toMessageEvents = ({ chatId }: Place, { messages }: Changes): ChatEvent[] =>
  messages.map((row) => ({ kind: 'message', chatId, version: row.version, message: toMessage(chatId, row) }));

function toMessage(chatId: string, row: Changes['messages'][number]): StoredMessage {
  const { id, seq, sender_id: senderId, text, sent_at: sentAt, client_id: clientId } = row;
  const message: StoredMessage = { id, seq, senderId, chatId, text, sentAt, clientId };
  if (row.client_key !== null) message.clientKey = row.client_key;
  if (row.reply_seq !== null) message.replyTo = row.reply_seq;
  if (row.forwarded_sender_id !== null)
    message.forwarded = { senderId: row.forwarded_sender_id, sentAt: row.forwarded_sent_at! };
  if (row.mentions) message.mentions = row.mentions;
  return message;
}

const toChangedEvents = ({ chatId }: Place, { changed }: Changes): ChatEvent[] =>
  changed.map(([version, row, blindIds]) => ({ kind: 'message_changed', chatId, version, row, blindIds }));

const toLeavings = ({ chatId }: Place, { memberships }: Changes): ChatEvent[] =>
  memberships
    .filter(({ left }) => left)
    .map(({ user_id: userId, version }) => ({ kind: 'member_removed', chatId, version, userId }));

/** Members by what makes them belong together: the version in which they joined, or got their role. */
const groupBy = (members: Changes['memberships'], key: 'version' | 'joined_version') =>
  [...new Set(members.map((member) => member[key]))].map(
    (version) => [version, members.filter((member) => member[key] === version)] as const,
  );

function toJoinings({ chatId, after }: Place, { memberships, type, group }: Changes): ChatEvent[] {
  const joined = memberships.filter(({ left, joined_version }) => !left && joined_version > after);
  return groupBy(joined, 'joined_version').map(([version, members]) =>
    toJoining({ chatId, version, memberIds: members.map(({ user_id }) => user_id) }, { type, group }),
  );
}

/** A chat begins with version 1; later memberships are changes of its members. */
function toJoining(
  { chatId, version, memberIds }: { chatId: string; version: number; memberIds: string[] },
  { type, group }: Pick<Changes, 'type' | 'group'>,
): ChatEvent {
  if (version > 1 || (type === 'group' && !group?.creator_id))
    return { kind: 'members_added', chatId, version, userIds: memberIds };
  if (!group?.creator_id) return { kind: 'direct_opened', chatId, version, memberIds };
  const { id, name, creator_id: creatorId } = group;
  return { kind: 'group_created', chatId, version, group: { id, name, creatorId, memberIds } };
}

/** A membership that changed after the joining has another role. */
function toRoleEvents({ chatId }: Place, { memberships }: Changes): ChatEvent[] {
  const changed = memberships.filter(({ left, version, joined_version }) => !left && version > joined_version);
  return groupBy(changed, 'version').map(([version, members]) => ({
    kind: 'role_changed',
    chatId,
    version,
    members: members.map(({ user_id: userId, role }) => ({ userId, role })),
  }));
}

/** A group is made with version 1, which is told as its making. */
function toGroupEvents({ chatId, after }: Place, { group }: Changes): ChatEvent[] {
  if (!group || group.version <= Math.max(after, 1)) return [];
  const { id, name, description, avatar, version } = group;
  return [{ kind: 'group_changed', chatId, version, group: { id, name, description, avatar } }];
}
