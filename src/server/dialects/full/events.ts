/** Events as the full protocol tells them: `fullChangeFrames` and `fullPushFrames`. */
import type { FullChangeFrame, FullChangeType, FullServerFrame, Presence } from '../../../protocol/full.ts';
import type { Message } from '../../../protocol/message.ts';
import { toAvatar } from '../../../protocol/media.ts';
import type { Dialect } from '../../realtime/dialect.ts';
import type { ChatEvent, ServerEvent, StoredMessage } from '../../realtime/events.ts';

/** As `message_json` makes it of the row that was just stored. */
function toMessage(message: StoredMessage, version: number): Message {
  const { id, chatId: chat_id, seq, senderId: sender_id, clientId, text, sentAt: timestamp } = message;
  const row: Message = { id, chat_id, seq, version, sender_id, client_id: clientId!, text, timestamp };
  if (message.replyTo !== undefined) row.reply_to = message.replyTo;
  if (message.forwarded) row.forwarded = { sender_id: message.forwarded.senderId, timestamp: message.forwarded.sentAt };
  if (message.mentions) row.mentions = [...message.mentions];
  return row;
}

/** What all changes of a chat say; `after` only where it is not the version before. */
const toHead = <T extends FullChangeType>(type: T, { chatId, version, after }: ChatEvent) => ({
  type,
  chat_id: chatId,
  version,
  ...(after !== undefined && after !== version - 1 && { after }),
});

const say = <T extends FullChangeType>(
  type: T,
  event: ChatEvent,
  fields: Omit<FullChangeFrame<T>, 'type' | 'chat_id' | 'version' | 'after'>,
): string => JSON.stringify({ ...toHead(type, event), ...fields });

const push = (frame: FullServerFrame<'positions' | 'seen' | 'typing'>): string => JSON.stringify(frame);

type Encoders = { [K in ServerEvent['kind']]?: (event: Extract<ServerEvent, { kind: K }>) => string };

const encoders: Encoders = {
  message: (event) => say('message', event, { message: toMessage(event.message, event.version) }),
  message_changed: (event) =>
    `${JSON.stringify(toHead('message_changed', event)).slice(0, -1)},"message":${event.row}}`,
  unseen_changed: (event) => say('unseen_changed', event, {}),
  direct_opened: (event) => say('direct_opened', event, { user_ids: event.memberIds }),
  group_created: (event) => {
    const { id, name, creatorId: creator_id, memberIds } = event.group;
    return say('group_created', event, { group: { id, name, creator_id }, user_ids: memberIds });
  },
  members_added: (event) => say('members_added', event, { user_ids: event.userIds }),
  member_removed: (event) => say('member_removed', event, { user_id: event.userId }),
  role_changed: (event) =>
    say('role_changed', event, { members: event.members.map(({ userId: user_id, role }) => ({ user_id, role })) }),
  group_changed: (event) => {
    const { id, name, description, avatar } = event.group;
    return say('group_changed', event, { group: { id, name, description, ...toAvatar(avatar) } });
  },
  chat_deleted: (event) => say('chat_deleted', event, {}),

  message_seen: ({ message: { chatId: chat_id, seq } }) => push({ type: 'seen', chat_id, seq }),
  typing: ({ chatId: chat_id, userId: user_id }) => push({ type: 'typing', chat_id, user_id }),
  positions: ({ chatId: chat_id, rows }) =>
    push({
      type: 'positions',
      chat_id,
      rows: rows.map(({ userId: user_id, deliveredSeq: delivered_seq, readSeq: read_seq }) => ({
        user_id,
        delivered_seq,
        read_seq,
      })),
    }),
};

export const encodeEvent: Dialect['encodeEvent'] = (event) =>
  (encoders[event.kind] as ((event: ServerEvent) => string) | undefined)?.(event);

export const encodeLag: NonNullable<Dialect['encodeLag']> = (missed) => {
  const lag: FullServerFrame<'lag'> = {
    type: 'lag',
    chats: [...missed].map(([chat_id, version]) => ({ chat_id, version })),
  };
  return JSON.stringify(lag);
};

export const toPresence = (rows: Presence[]): string => {
  const presence: FullServerFrame<'presence'> = { type: 'presence', rows };
  return JSON.stringify(presence);
};

export const encodeClosing = (afterMs: number): string => {
  const closing: FullServerFrame<'closing'> = { type: 'closing', after_ms: afterMs };
  return JSON.stringify(closing);
};
