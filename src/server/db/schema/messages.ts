/** What is said in chats, and what becomes of it. */
import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { Mention } from '../../../protocol/message.ts';
import { counter, instant } from './columns.ts';

/**
 * Messages. No foreign keys: the one function that inserts has checked chat and sender under the chat's lock, and two
 * look-ups per row would be a third of a send's price. `version` is fixed when stored, `changed_version` moves with every
 * later change. `payload_hash` is of what a retry must repeat, not of the time. A deleted message keeps its row, without its
 * text and all that hung on it.
 */
export const messages = pgTable(
  'messages',
  {
    chatId: uuid('chat_id').notNull(),
    seq: counter('seq').notNull(),
    id: uuid('id').notNull(),
    senderId: uuid('sender_id').notNull(),
    clientId: uuid('client_id').notNull(),
    /** The text that `client_id` was made of, where a client's own keys are no UUIDs. */
    clientKey: text('client_key'),
    payloadHash: bigint('payload_hash', { mode: 'bigint' }).notNull(),
    version: counter('version').notNull(),
    changedVersion: counter('changed_version'),
    sentAt: instant('sent_at').notNull(),
    createdAt: instant('created_at').notNull(),
    editedAt: instant('edited_at'),
    deletedAt: instant('deleted_at'),
    pinnedAt: instant('pinned_at'),
    pinnedBy: uuid('pinned_by'),
    /** The message it answers, of the same chat. */
    replySeq: counter('reply_seq'),
    /** Who said it first, and when, where it is told on. */
    forwardedSenderId: uuid('forwarded_sender_id'),
    forwardedSentAt: instant('forwarded_sent_at'),
    /** Spans of the text as the wire has them; null where it names nobody. */
    mentions: jsonb('mentions').$type<Mention[]>(),
    text: text('text').notNull(),
  },
  (t) => [
    primaryKey({ name: 'messages_pkey', columns: [t.chatId, t.seq] }),
    uniqueIndex('messages_id_key').on(t.id),
    uniqueIndex('messages_client_id_key').on(t.senderId, t.clientId, t.chatId),
    // Partial, so that only a query that says `seq > 0` can use it: the planner took it to find a client_id in an empty table.
    index('messages_sender_index')
      .on(t.chatId, t.senderId, t.seq)
      .where(sql`${t.seq} > 0`),
    index('messages_changed_index')
      .on(t.chatId, t.changedVersion)
      .where(sql`${t.changedVersion} is not null`),
    index('messages_deleted_index')
      .on(t.chatId, t.seq, t.senderId)
      .where(sql`${t.deletedAt} is not null`),
    index('messages_pinned_index')
      .on(t.chatId, t.pinnedAt)
      .where(sql`${t.pinnedAt} is not null`),
  ],
);

/** What messages said before they were edited: `edit` 1 is what was sent. */
export const messageEdits = pgTable(
  'message_edits',
  {
    chatId: uuid('chat_id').notNull(),
    seq: counter('seq').notNull(),
    edit: integer('edit').notNull(),
    text: text('text').notNull(),
    mentions: jsonb('mentions').$type<Mention[]>(),
    /** When it was said like this. */
    writtenAt: instant('written_at').notNull(),
  },
  (t) => [primaryKey({ name: 'message_edits_pkey', columns: [t.chatId, t.seq, t.edit] })],
);

/** One row per person and emoji. */
export const reactions = pgTable(
  'reactions',
  {
    chatId: uuid('chat_id').notNull(),
    seq: counter('seq').notNull(),
    emoji: text('emoji').notNull(),
    userId: uuid('user_id').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ name: 'reactions_pkey', columns: [t.chatId, t.seq, t.emoji, t.userId] })],
);

/** Whom a message mentions, of those who were members then, but its sender: what is counted apart in their unread. */
export const mentions = pgTable(
  'mentions',
  {
    chatId: uuid('chat_id').notNull(),
    userId: uuid('user_id').notNull(),
    seq: counter('seq').notNull(),
  },
  (t) => [primaryKey({ name: 'mentions_pkey', columns: [t.chatId, t.userId, t.seq] })],
);

/** Texts that are not sent yet. */
export const drafts = pgTable(
  'drafts',
  {
    chatId: uuid('chat_id').notNull(),
    userId: uuid('user_id').notNull(),
    text: text('text').notNull(),
    replySeq: counter('reply_seq'),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [primaryKey({ name: 'drafts_pkey', columns: [t.chatId, t.userId] })],
);

/** One row per step of a member's read position: had read up to `seq` at `read_at`. */
export const messageReads = pgTable(
  'message_reads',
  {
    chatId: uuid('chat_id').notNull(),
    userId: uuid('user_id').notNull(),
    seq: counter('seq').notNull(),
    readAt: instant('read_at').notNull(),
  },
  (t) => [primaryKey({ name: 'message_reads_pkey', columns: [t.chatId, t.userId, t.seq] })],
);
