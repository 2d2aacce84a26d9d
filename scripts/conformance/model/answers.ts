/** What a model server answers to each frame: the truth of its chats, in memory, and no more than a client needs. */
import { ProtocolError } from '../../../src/protocol/errors.ts';
import type {
  FullAnswerType,
  FullClientFrame,
  FullClientType,
  FullServerFrame,
  Person,
} from '../../../src/protocol/full.ts';
import type { Message } from '../../../src/protocol/message.ts';
import { ModelChat, type Change } from './chat.ts';

/** What a model server knows. */
export interface World {
  people: Map<string, Person>;
  chats: Map<string, ModelChat>;
  /** Every message by its sender and client_id. */
  sent: Map<string, Message>;
  epoch: string;
}

export interface Asked {
  world: World;
  userId: string;
  /** Tells a change to all members; `origin`: the asking socket hears nothing of it. */
  tell: (change: Change, how?: { origin: true }) => void;
  /** Says something to the other sockets of its members. */
  push: (chat: ModelChat, frame: FullServerFrame) => void;
}

export type Answer = FullServerFrame<FullAnswerType>;
type Answers = {
  [T in Exclude<FullClientType, 'login'>]: (asked: Asked, frame: FullClientFrame<T>) => Answer;
};

const done = (change?: Change): Answer => ({ type: 'done', ...(change && { version: change.version }) });

function chatOf({ world, userId }: Asked, chatId: string): ModelChat {
  const chat = world.chats.get(chatId);
  if (!chat?.isMember(userId)) throw new ProtocolError('no_chat');
  return chat;
}

function mend(
  asked: Asked,
  { chat_id, seq }: { chat_id: string; seq: number },
  how: (message: Message) => Message | undefined,
): Answer {
  const chat = chatOf(asked, chat_id);
  const message = chat.messages[seq - 1];
  if (!message) throw new ProtocolError('no_message');
  if (message.deleted_at !== undefined) throw new ProtocolError('deleted');
  const change = chat.mend(seq, how);
  if (change) asked.tell(change);
  return done(change);
}

function without(message: Message, ...keys: (keyof Message)[]): Message {
  const left = { ...message };
  for (const key of keys) delete left[key];
  return left;
}

function react(message: Message, userId: string, emoji: string, on: boolean): Message | undefined {
  const before = message.reactions?.find((one) => one.emoji === emoji)?.user_ids ?? [];
  if (before.includes(userId) === on) return undefined;
  const user_ids = on ? [...before, userId] : before.filter((id) => id !== userId);
  const others = (message.reactions ?? []).filter((one) => one.emoji !== emoji);
  const reactions = user_ids.length > 0 ? [...others, { emoji, user_ids }] : others;
  return reactions.length > 0 ? { ...message, reactions } : without(message, 'reactions');
}

function toChatRow(chat: ModelChat, userId: string, world: World): FullServerFrame<'chat'>['chat'] {
  const { chat_id: _, ...own } = chat.own(userId);
  return {
    ...chat.group,
    ...own,
    id: chat.id,
    type: 'group',
    group_id: chat.groupId,
    creator_id: [...chat.members].find(([, { role }]) => role === 'owner')?.[0] ?? null,
    history: 'all',
    members: [...chat.members]
      .filter(([, { role }]) => role !== null)
      .map(([id, { role }]) => ({
        id,
        name: world.people.get(id)!.name,
        email: null,
        username: null,
        avatar_small_url: null,
        role: role!,
      })),
    more_members: false,
    seen_seq: 0,
    last_message: null,
    active_at: chat.messages.at(-1)?.timestamp ?? chat.createdAt,
  };
}

function mark(asked: Asked, frame: { type: string; chat_id: string; seq: number }): Answer {
  const chat = chatOf(asked, frame.chat_id);
  const position = chat.positions.get(asked.userId)!;
  const seq = Math.min(frame.seq, chat.lastSeq);
  position.delivered_seq = Math.max(position.delivered_seq, seq);
  if (frame.type === 'mark_read') position.read_seq = Math.max(position.read_seq, seq);
  asked.push(chat, { type: 'positions', chat_id: chat.id, rows: [{ ...position }] });
  return done();
}

function send(asked: Asked, frame: FullClientFrame<'send'>): Answer {
  const { world, userId } = asked;
  const key = (clientId: string): string => `${userId} ${clientId}`;
  const known = world.sent.get(key(frame.client_id));
  const toAck = ({ chat_id, client_id, id, seq, version, timestamp }: Message, duplicate: boolean): Answer => ({
    type: 'ack',
    chat_id,
    client_id,
    id,
    seq,
    version,
    timestamp,
    duplicate,
  });
  if (known && known.text !== frame.text) throw new ProtocolError('conflict');
  if (known) return toAck(known, true);
  const chat = chatOf(asked, frame.chat_id);
  if (frame.after && !world.sent.has(key(frame.after))) throw new ProtocolError('depends_missing');
  const { message, change } = chat.store({
    sender_id: userId,
    client_id: frame.client_id,
    text: frame.text ?? '',
    ...(frame.timestamp && { timestamp: frame.timestamp }),
    ...(frame.reply_to && { reply_to: frame.reply_to }),
    ...(frame.mentions && { mentions: frame.mentions }),
  });
  world.sent.set(key(frame.client_id), message);
  asked.tell(change, { origin: true });
  return toAck(message, false);
}

function readHistory(asked: Asked, frame: FullClientFrame<'history'>): Answer {
  const chat = chatOf(asked, frame.chat_id);
  const { before, after, around, limit } = frame;
  const end = before === 'end' ? chat.lastSeq + 1 : before;
  const first = after ?? (around === undefined ? end! - 1 - limit : around - 1 - Math.floor(limit / 2));
  const rows = chat.messages.slice(Math.max(0, first), end === undefined ? Math.max(0, first) + limit : end - 1);
  const first_seq = chat.lastSeq > 0 ? 1 : 0;
  return { type: 'history', chat_id: chat.id, version: chat.version, first_seq, last_seq: chat.lastSeq, rows };
}

const listOwn = ({ world, userId }: Asked): ModelChat[] =>
  [...world.chats.values()].filter((chat) => chat.isMember(userId));

const reads = {
  ping: () => ({ type: 'pong' }),
  resume(asked, { token }) {
    if (!token.startsWith(`${asked.world.epoch}.`)) throw new ProtocolError('resume_not_possible');
    const chats = listOwn(asked).map((chat) => chat.own(asked.userId));
    return { type: 'changed', resume: tokenOf(asked.world), chats, left: [] };
  },
  list_chats: (asked) => ({
    type: 'chats',
    rows: listOwn(asked).map((chat) => toChatRow(chat, asked.userId, asked.world)),
    own: listOwn(asked).map((chat) => chat.own(asked.userId)),
    next: null,
  }),
  get_chat(asked, { chat_id }) {
    const chat = chatOf(asked, chat_id);
    return { type: 'chat', chat: toChatRow(chat, asked.userId, asked.world), own: chat.own(asked.userId) };
  },
  get_users: ({ world }, { user_ids }) => ({
    type: 'users',
    rows: user_ids.flatMap((id) => world.people.get(id) ?? []),
  }),
  sync: (asked, frame) => ({ type: 'changes', ...chatOf(asked, frame.chat_id).page(asked.userId, frame) }),
  history: readHistory,
  list_reads: (_asked, { chat_id, seq }) => ({ type: 'reads', chat_id, seq, rows: [] }),
  list_edits: (_asked, { chat_id, seq }) => ({ type: 'edits', chat_id, seq, rows: [] }),
  list_pins: (asked, { chat_id }) => ({
    type: 'pins',
    chat_id,
    rows: chatOf(asked, chat_id).messages.filter(({ pinned_at }) => pinned_at !== undefined),
  }),
} satisfies Partial<Answers>;

const changes = {
  send,
  edit: (asked, frame) =>
    mend(asked, frame, (message) => ({ ...message, text: frame.text, edited_at: new Date().toISOString() })),
  delete: (asked, frame) =>
    mend(asked, frame, (message) => ({
      ...without(message, 'reactions', 'mentions', 'pinned_at', 'pinned_by'),
      text: '',
      deleted_at: new Date().toISOString(),
    })),
  react: (asked, frame) => mend(asked, frame, (message) => react(message, asked.userId, frame.emoji, frame.on)),
  pin: (asked, frame) =>
    mend(asked, frame, (message) =>
      frame.on
        ? { ...message, pinned_at: new Date().toISOString(), pinned_by: asked.userId }
        : without(message, 'pinned_at', 'pinned_by'),
    ),
  mark_read: mark,
  mark_delivered: mark,
  mark_unread: () => done(),
  typing(asked, { chat_id }) {
    asked.push(chatOf(asked, chat_id), { type: 'typing', chat_id, user_id: asked.userId });
    return done();
  },
  watch: () => done(),
  set_draft: () => done(),
  update_own: () => done(),
} satisfies Partial<Answers>;

const groups = {
  open_direct: () => {
    throw new ProtocolError('no_user');
  },
  create_group(asked, { name, user_ids }) {
    const chat = new ModelChat(name);
    asked.world.chats.set(chat.id, chat);
    asked.tell(chat.create(asked.userId, user_ids));
    return { type: 'opened', chat_id: chat.id, created: true };
  },
  update_group(asked, { chat_id, name }) {
    const change = chatOf(asked, chat_id).rename(name ?? '');
    asked.tell(change);
    return done(change);
  },
  delete_group(asked, { chat_id }) {
    const chat = chatOf(asked, chat_id);
    const change = chat.change('chat_deleted', () => ({}));
    asked.tell(change);
    asked.world.chats.delete(chat_id);
    return done(change);
  },
  add_members(asked, { chat_id, user_ids }) {
    const change = chatOf(asked, chat_id).add(user_ids);
    asked.tell(change);
    return done(change);
  },
  remove_member(asked, { chat_id, user_id }) {
    const chat = chatOf(asked, chat_id);
    const change = chat.remove(user_id);
    asked.tell(change);
    return done(change);
  },
  leave: (asked, { chat_id }) => done(chatOf(asked, chat_id).remove(asked.userId)),
  set_role: () => done(),
} satisfies Partial<Answers>;

export const answers: Answers = { ...reads, ...changes, ...groups };

export const tokenOf = ({ epoch, chats }: World): string =>
  `${epoch}.${[...chats.values()].reduce((sum, { version }) => sum + version, 0)}`;
