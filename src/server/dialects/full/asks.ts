/** What each frame that is no message asks for: from its type to what carries it out. */
import type { FullClientFrame, FullClientType } from '../../../protocol/full.ts';
import { toPlace } from '../../../protocol/messages.ts';
import { ProtocolError } from '../../../protocol/errors.ts';
import type { ChatCommands } from '../../chats/commands.ts';
import type { Drafts } from '../../chats/drafts.ts';
import type { GroupCommands } from '../../chats/group-commands.ts';
import { getChat, getChatPage } from '../../chats/queries.ts';
import { getChanged } from '../../chats/resume.ts';
import type { Sql } from '../../db/client.ts';
import type { Marks } from '../../messages/marks.ts';
import type { MessageCommands } from '../../messages/message-commands.ts';
import { getMessagePage, type MessagePage } from '../../messages/message-pages.ts';
import { listEdits, listPins, listReads } from '../../messages/queries.ts';
import { getChanges } from '../../messages/sync.ts';
import type { Presence } from '../../presence/presence.ts';
import type { Connection } from '../../realtime/connection.ts';
import type { Asker } from '../../realtime/dialect.ts';
import { toAnswer, toAnswerOf, type Answer } from './answers.ts';
import { toPresence } from './events.ts';
import { listPeople } from './queries.ts';

/** The slices as the frames call them. */
export interface FullParts {
  sql: Sql;
  chats: ChatCommands;
  groups: GroupCommands;
  messages: MessageCommands;
  marks: Pick<Marks, 'mark' | 'markDelivered'>;
  drafts: Drafts;
  presence: Pick<Presence, 'watch'>;
}

/** Frames that the core knows: they are no asks. */
export type CoreType = 'login' | 'ping' | 'send' | 'typing';
export type AskType = Exclude<FullClientType, CoreType>;
type Ask<T extends AskType> = (parts: FullParts, asker: Asker, frame: FullClientFrame<T>) => Promise<Answer>;
type Asks<T extends AskType> = { [K in T]: Ask<K> };

const actorOf = ({ userId, sessionId }: Asker) => ({ userId, sessionId });
const done = (version?: number): Answer => toAnswer('done', version === undefined ? {} : { version });

/** What one has is of no use in another chat, so a chat that is not one's own is `no_chat`, whether it exists or not. */
const hideUnknown = (error: unknown): never => {
  throw error instanceof ProtocolError && error.code === 'unknown_chat' ? new ProtocolError('no_chat') : error;
};

const reads: Asks<
  'resume' | 'list_chats' | 'get_chat' | 'get_users' | 'sync' | 'history' | 'list_edits' | 'list_reads' | 'list_pins'
> = {
  async resume({ sql }, asker, { token }) {
    const { resume, chats, left } = await getChanged(sql, { ...actorOf(asker), token });
    return toAnswerOf('changed', { resume: JSON.stringify(resume), chats, left });
  },
  async list_chats({ sql }, asker, { before, limit }) {
    const { chats, next } = await getChatPage(sql, { ...actorOf(asker), before, limit });
    return toAnswerOf('chats', { rows: chats, next: JSON.stringify(next) });
  },
  async get_chat({ sql }, asker, { chat_id: chatId }) {
    return toAnswerOf('chat', { chat: await getChat(sql, { ...actorOf(asker), chatId }).catch(hideUnknown) });
  },
  async get_users({ sql }, asker, { user_ids: userIds }) {
    return toAnswerOf('users', { rows: await listPeople(sql, { ...actorOf(asker), userIds }) });
  },
  async sync({ sql }, asker, { chat_id: chatId, after, after_seq: afterSeq, limit, positions_since: positionsSince }) {
    const place = { ...actorOf(asker), chatId, after, afterSeq, limit, positionsSince };
    return { type: 'changes', fields: await getChanges(sql, place) };
  },
  async history({ sql }, asker, { chat_id: chatId, before, after, around, limit }) {
    const place = toPlace({ before, after, around }) as MessagePage['place'];
    return { type: 'history', fields: await getMessagePage(sql, { ...actorOf(asker), chatId, place, limit }) };
  },
  async list_edits({ sql }, asker, { chat_id: chatId, seq }) {
    const rows = await listEdits(sql, { ...actorOf(asker), chatId, seq });
    return toAnswerOf('edits', { chat_id: JSON.stringify(chatId), seq: String(seq), rows });
  },
  async list_reads({ sql }, asker, { chat_id: chatId, seq }) {
    const rows = await listReads(sql, { ...actorOf(asker), chatId, seq });
    return toAnswerOf('reads', { chat_id: JSON.stringify(chatId), seq: String(seq), rows });
  },
  async list_pins({ sql }, asker, { chat_id: chatId }) {
    const rows = await listPins(sql, { ...actorOf(asker), chatId });
    return toAnswerOf('pins', { chat_id: JSON.stringify(chatId), rows });
  },
};

const ofMessages: Asks<'edit' | 'delete' | 'react' | 'pin'> = {
  async edit({ messages }, asker, { chat_id: chatId, seq, text, mentions }) {
    const { version } = await messages.edit({ ...actorOf(asker), chatId, seq, text, mentions });
    return done(version);
  },
  async delete({ messages }, asker, { chat_id: chatId, seq }) {
    const { version } = await messages.delete({ ...actorOf(asker), chatId, seq });
    return done(version);
  },
  async react({ messages }, asker, { chat_id: chatId, seq, emoji, on }) {
    const { version } = await messages.react({ ...actorOf(asker), chatId, seq, emoji, on });
    return done(version);
  },
  async pin({ messages }, asker, { chat_id: chatId, seq, on }) {
    const { version } = await messages.pin({ ...actorOf(asker), chatId, seq, on });
    return done(version);
  },
};

const ofPositions: Asks<'mark_read' | 'mark_delivered'> = {
  async mark_read({ marks }, asker, { chat_id: chatId, seq }) {
    await marks.mark({ ...actorOf(asker), chatId, seq });
    return done();
  },
  async mark_delivered({ marks }, asker, { chat_id: chatId, seq }) {
    await marks.markDelivered({ ...actorOf(asker), chatId, seq });
    return done();
  },
};

const ofOneself: Asks<'mark_unread' | 'watch' | 'set_draft' | 'update_own'> = {
  async mark_unread({ drafts }, asker, { chat_id: chatId, on }) {
    await drafts.setMarkedUnread({ ...actorOf(asker), chatId, on });
    return done();
  },
  async watch({ presence }, asker, { user_ids: userIds }) {
    const connection = asker.connection as Connection;
    const rows = await presence.watch(connection, userIds);
    if (rows.length > 0) connection.sayText(toPresence(rows));
    return done();
  },
  async set_draft({ drafts }, asker, { chat_id: chatId, text, reply_to: replyTo }) {
    await drafts.set({ ...actorOf(asker), chatId, text, replyTo });
    return done();
  },
  async update_own({ drafts }, asker, { chat_id: chatId, muted_until, archived, pinned }) {
    await drafts.changeSettings({ ...actorOf(asker), chatId, settings: { muted_until, archived, pinned } });
    return done();
  },
};

const ofChats: Asks<
  | 'open_direct'
  | 'create_group'
  | 'update_group'
  | 'delete_group'
  | 'add_members'
  | 'remove_member'
  | 'leave'
  | 'set_role'
> = {
  async open_direct({ chats }, asker, { user_id: otherId }) {
    const { chatId: chat_id, created } = await chats.openDirect({ ...actorOf(asker), otherId });
    return toAnswer('opened', { chat_id, created });
  },
  async create_group({ chats }, asker, { name, user_ids: users, history }) {
    const { chatId: chat_id } = await chats.createGroup({ ...actorOf(asker), name, users, history });
    return toAnswer('opened', { chat_id, created: true });
  },
  async update_group({ groups }, asker, { chat_id: chatId, name, description }) {
    const { version } = await groups.changeGroup({ ...actorOf(asker), chatId, group: { name, description } });
    return done(version);
  },
  async delete_group({ groups }, asker, { chat_id: chatId }) {
    return done((await groups.deleteGroup({ ...actorOf(asker), chatId })).version);
  },
  async add_members({ chats }, asker, { chat_id: chatId, user_ids: users }) {
    return done((await chats.addMembers({ ...actorOf(asker), chatId, users })).version);
  },
  async remove_member({ chats }, asker, { chat_id: chatId, user_id: memberId }) {
    return done((await chats.removeMember({ ...actorOf(asker), chatId, memberId })).version);
  },
  async leave({ chats }, asker, { chat_id: chatId }) {
    return done((await chats.removeMember({ ...actorOf(asker), chatId, memberId: asker.userId })).version);
  },
  async set_role({ groups }, asker, { chat_id: chatId, user_id: memberId, role }) {
    return done((await groups.setRole({ ...actorOf(asker), chatId, memberId, role })).version);
  },
};

export const asks: Asks<AskType> = { ...reads, ...ofMessages, ...ofPositions, ...ofOneself, ...ofChats };

/** Whether all members are told at once what it changes, however large it is. */
export const isTold = (type: AskType): boolean => Object.hasOwn(ofMessages, type) || Object.hasOwn(ofChats, type);
