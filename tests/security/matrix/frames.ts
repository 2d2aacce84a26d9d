/** What each kind of person gets for each frame of each dialect. */
import { randomUUID } from 'node:crypto';
import { messageFrame } from '../../support/cast.ts';
import type { EntranceName, Scene } from './entrances.ts';
import type { Kind, Target } from './world.ts';

/** The answers before that of the next frame, joined by newlines. Empty: silence. */
type Expected = RegExp;

export interface FrameRow {
  entrance: EntranceName;
  name: string;
  frame(scene: Scene): unknown;
  /** Whether it is about something: then it is also sent about what was deleted and what never was. */
  about?: 'chat' | 'person';
  /** Without a login; absent: nobody comes in without one. */
  anonymous?: Expected;
  /** Everybody who is logged in, but for the kinds below. */
  others: Expected;
  /** Members, admins and owners. */
  members?: Expected;
  /** Whom the person concerned has blocked; absent: as others. */
  blocked?: Expected;
  /** About what was deleted or never was; absent: as others. */
  nothing?: Expected;
}

const silence = /^$/;
const noLogin = /"code":"not_authenticated"/;
const noChat = /"code":"no_chat"/;
const notIn003 = /^\{"error":"404: Chat not found"\}$/;

const plain: FrameRow[] = [
  {
    entrance: 'plain',
    name: 'login',
    frame: () => ({ email: 'nobody@example.com', password: 'a guess' }),
    anonymous: /"code":"wrong_credentials"/,
    others: /"code":"wrong_credentials"/,
  },
  {
    entrance: 'plain',
    name: 'message',
    frame: ({ selfId, chatId }) => messageFrame({ id: selfId }, chatId, 'Hello'),
    about: 'chat',
    anonymous: noLogin,
    others: noChat,
    members: /^\{"client_id":/,
  },
  {
    entrance: 'plain',
    name: 'message in the name of another',
    frame: ({ personId, chatId }) => messageFrame({ id: personId }, chatId, 'Hello'),
    about: 'chat',
    anonymous: noLogin,
    others: /"code":"sender_mismatch"/,
    members: /"code":"sender_mismatch"/,
  },
  {
    entrance: 'plain',
    name: 'group',
    frame: ({ personId }) => ({ name: 'A group', users: [personId] }),
    about: 'person',
    anonymous: noLogin,
    others: /"user_group":/,
    nothing: /"code":"no_user"/,
  },
  {
    entrance: 'plain',
    name: 'seen',
    frame: ({ messageId }) => ({ message_id: messageId }),
    about: 'chat',
    anonymous: noLogin,
    others: /"code":"no_message"/,
    members: silence,
  },
];

const actions: FrameRow[] = [
  {
    entrance: 'actions',
    name: 'join_chat',
    frame: ({ chatId }) => ({ action: 'join_chat', chat_id: chatId }),
    about: 'chat',
    others: notIn003,
    members: /^\{"status":"joined"/,
  },
  {
    entrance: 'actions',
    name: 'leave_chat',
    frame: ({ chatId }) => ({ action: 'leave_chat', chat_id: chatId }),
    about: 'chat',
    others: /^\{"status":"left"/,
  },
  {
    entrance: 'actions',
    name: 'send_message',
    frame: ({ chatId }) => ({ action: 'send_message', chat_id: chatId, text: 'Hello' }),
    about: 'chat',
    others: notIn003,
    // Who has not joined hears nothing of it.
    members: silence,
  },
  {
    entrance: 'actions',
    name: 'send_message with a key',
    frame: ({ chatId }) => ({ action: 'send_message', chat_id: chatId, text: 'Hello', idempotency_key: randomUUID() }),
    about: 'chat',
    others: notIn003,
    members: silence,
  },
  {
    entrance: 'actions',
    name: 'message_read',
    frame: ({ chatId, messageId }) => ({ action: 'message_read', chat_id: chatId, message_id: messageId }),
    about: 'chat',
    others: /^\{"error":"404: Message not found"\}$/,
    members: silence,
  },
  {
    entrance: 'actions',
    name: 'typing',
    frame: ({ chatId }) => ({ action: 'typing', chat_id: chatId }),
    about: 'chat',
    others: notIn003,
    members: silence,
  },
];

const lines: FrameRow[] = [
  { entrance: 'lobby', name: 'text', frame: () => 'hello', others: /: hello$/ },
  {
    entrance: 'lobby',
    name: '/pm',
    frame: ({ username }) => `/pm ${username} hello`,
    about: 'person',
    // What was written shows as an event, which may be later than the answer to the next line.
    others: /^Пользователь '[^']*' сейчас не в сети/,
    blocked: /^Сообщение не отправлено: [^\n]*$/,
    nothing: /^Пользователь '[^']*' не найден\.$/,
  },
  {
    entrance: 'direct',
    name: 'text',
    frame: () => 'hello',
    others: silence,
    blocked: /^⚠ [^\n]*blocked/,
  },
  {
    entrance: 'rooms, of a chat',
    name: 'text',
    frame: () => ({ text: 'hello' }),
    // Others do not come in.
    others: silence,
    members: /"type":"message"/,
  },
];

export const frameRows: readonly FrameRow[] = [...plain, ...actions, ...lines];

const memberKinds = new Set<Kind>(['member', 'admin', 'owner']);

/** What a row owes a kind for a target; undefined where there is no such socket. */
export function expectedOfFrame(row: FrameRow, kind: Kind, target: Target): Expected | undefined {
  if (kind === 'anonymous') return row.anonymous;
  if (target !== 'other') return row.nothing ?? row.others;
  if (memberKinds.has(kind) && row.members) return row.members;
  return kind === 'blocked' && row.blocked ? row.blocked : row.others;
}
