/** What each kind of person gets for each frame of each dialect. */
import { randomUUID } from 'node:crypto';
import type { FullClientType } from '../../../src/protocol/full.ts';
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
  /** Admins and owners; absent: as members. */
  admins?: Expected;
  /** Owners; absent: as admins. */
  owners?: Expected;
  /** Who left; absent: as others. */
  former?: Expected;
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

const done = /"type":"done"/;
const denied = /"code":"access_denied"/;

type Expectations = Omit<FrameRow, 'entrance' | 'name' | 'frame'>;
const forMembers: Expectations = { about: 'chat', others: noChat, members: done };
const forAdmins: Expectations = { about: 'chat', others: noChat, members: denied, admins: done };
const forOwners: Expectations = { ...forAdmins, admins: denied, owners: done };
const forPeople: Expectations = { about: 'person', others: /"type":"opened"/, nothing: /"code":"no_user"/ };

/** Every frame of the full protocol: what it says beside its type, and what is owed for it. */
const full: Record<FullClientType, [(scene: Scene) => Record<string, unknown>, Expectations]> = {
  login: [
    () => ({ identifier: 'nobody@example.com', password: 'a guess' }),
    { anonymous: /"code":"wrong_credentials"/, others: /"code":"wrong_credentials"/ },
  ],
  ping: [() => ({}), { anonymous: /"type":"pong"/, others: /"type":"pong"/ }],
  resume: [() => ({ token: '000000000000.1' }), { others: /"code":"resume_not_possible"/ }],
  list_chats: [() => ({}), { others: /"type":"chats"/ }],
  get_chat: [({ chatId }) => ({ chat_id: chatId }), { ...forMembers, members: /"type":"chat"/ }],
  get_users: [({ personId }) => ({ user_ids: [personId] }), { others: /"type":"users"/ }],
  sync: [
    ({ chatId }) => ({ chat_id: chatId, after: 0, after_seq: 0 }),
    { ...forMembers, members: /"type":"changes".*"text":"Hi"/ },
  ],
  history: [
    ({ chatId }) => ({ chat_id: chatId, before: 'end' }),
    { ...forMembers, members: /"type":"history".*"text":"Hi"/, former: /"type":"history".*"text":"Hi"/ },
  ],
  list_reads: [({ chatId }) => ({ chat_id: chatId, seq: 1 }), { ...forMembers, members: /"type":"reads"/ }],
  list_edits: [({ chatId }) => ({ chat_id: chatId, seq: 1 }), { ...forMembers, members: /"type":"edits"/ }],
  list_pins: [({ chatId }) => ({ chat_id: chatId }), { ...forMembers, members: /"type":"pins"/ }],
  send: [
    ({ chatId }) => ({ chat_id: chatId, client_id: randomUUID(), text: 'Hello' }),
    { ...forMembers, members: /"type":"ack"/ },
  ],
  edit: [({ chatId }) => ({ chat_id: chatId, seq: 1, text: 'Other' }), forOwners],
  delete: [({ chatId }) => ({ chat_id: chatId, seq: 1 }), forAdmins],
  react: [({ chatId }) => ({ chat_id: chatId, seq: 1, emoji: '👍' }), forMembers],
  pin: [({ chatId }) => ({ chat_id: chatId, seq: 1 }), forAdmins],
  mark_read: [({ chatId }) => ({ chat_id: chatId, seq: 1 }), forMembers],
  mark_delivered: [({ chatId }) => ({ chat_id: chatId, seq: 1 }), forMembers],
  mark_unread: [({ chatId }) => ({ chat_id: chatId }), forMembers],
  typing: [({ chatId }) => ({ chat_id: chatId }), forMembers],
  watch: [({ personId }) => ({ user_ids: [personId] }), { others: done }],
  set_draft: [({ chatId }) => ({ chat_id: chatId, text: 'Well' }), forMembers],
  update_own: [({ chatId }) => ({ chat_id: chatId, archived: true }), forMembers],
  open_direct: [({ personId }) => ({ user_id: personId }), { ...forPeople, blocked: /"code":"blocked"/ }],
  create_group: [({ personId }) => ({ name: 'A group', user_ids: [personId] }), forPeople],
  update_group: [({ chatId }) => ({ chat_id: chatId, name: 'Another name' }), forAdmins],
  delete_group: [({ chatId }) => ({ chat_id: chatId }), forOwners],
  add_members: [({ chatId, personId }) => ({ chat_id: chatId, user_ids: [personId] }), forAdmins],
  // The second one who may finds nobody to remove.
  remove_member: [
    ({ chatId, personId }) => ({ chat_id: chatId, user_id: personId }),
    { ...forAdmins, admins: /"type":"done"|"no_user"/ },
  ],
  leave: [({ chatId }) => ({ chat_id: chatId }), forMembers],
  set_role: [({ chatId, personId }) => ({ chat_id: chatId, user_id: personId, role: 'admin' }), forOwners],
};

const ofFull = Object.entries(full).map(([type, [toFields, expectations]]): FrameRow => {
  const frame = (scene: Scene): unknown => ({ type, ...toFields(scene) });
  return { anonymous: noLogin, ...expectations, entrance: 'full', name: type, frame };
});

export const frameRows: readonly FrameRow[] = [...plain, ...actions, ...lines, ...ofFull];

const memberKinds = new Set<Kind>(['member', 'admin', 'owner']);

/** What a row owes a kind for a target; undefined where there is no such socket. */
export function expectedOfFrame(row: FrameRow, kind: Kind, target: Target): Expected | undefined {
  if (kind === 'anonymous') return row.anonymous;
  if (target !== 'other') return row.nothing ?? row.others;
  const { members = row.others, admins = members, owners = admins, former = row.others } = row;
  if (memberKinds.has(kind)) return { member: members, admin: admins, owner: owners }[kind as 'member'];
  if (kind === 'former') return former;
  return kind === 'blocked' && row.blocked ? row.blocked : row.others;
}
