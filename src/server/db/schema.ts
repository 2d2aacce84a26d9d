import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Mention } from '../../protocol/message.ts';

/** A transaction id that never wraps; as text in JavaScript. */
const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });
const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
/** Instants travel as text: a JavaScript Date would cut the microseconds. */
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string', precision: 6 });
const counter = (name: string) => bigint(name, { mode: 'number' });

export const chatType = pgEnum('chat_type', ['direct', 'group']);
export const memberRole = pgEnum('member_role', ['owner', 'admin', 'member']);
export const historyVisibility = pgEnum('history_visibility', ['all', 'since_joined']);
export const sessionKind = pgEnum('session_kind', ['device', 'socket']);
export const oneTimePurpose = pgEnum('one_time_purpose', ['password_reset', 'invite']);

/** People. At least one identifier, unless the account is deactivated. */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email'),
    phone: text('phone'),
    username: text('username'),
    firstName: text('first_name'),
    lastName: text('last_name'),
    about: text('about'),
    /** The name of its pictures in the storage, which their content gives them. */
    avatar: text('avatar'),
    /** BCP 47, such as `ru`. */
    language: text('language'),
    passwordHash: text('password_hash'),
    lastSeenAt: instant('last_seen_at'),
    /** Nobody is told whether the person is there, or when they were last. */
    presenceHidden: boolean('presence_hidden').notNull().default(false),
    /** Set as long as nobody may log in here: by the person, by the operator, by a ban, for ever by deletion. */
    deactivatedAt: instant('deactivated_at'),
    bannedAt: instant('banned_at'),
    deletedAt: instant('deleted_at'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    uniqueIndex('users_email_key').on(sql`lower(${t.email})`),
    uniqueIndex('users_phone_key').on(t.phone),
    uniqueIndex('users_username_key').on(sql`lower(${t.username})`),
    index('users_avatar_index')
      .on(t.avatar)
      .where(sql`${t.avatar} is not null`),
    check(
      'users_identifier_check',
      sql`num_nonnulls(${t.email}, ${t.phone}, ${t.username}) > 0 or ${t.deactivatedAt} is not null`,
    ),
  ],
);

/** What people are found by: each word of their names and their username, folded (`fold`). Kept by a trigger on users. */
export const userWords = pgTable(
  'user_words',
  {
    word: text('word').notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
  },
  (t) => [
    primaryKey({ name: 'user_words_pkey', columns: [t.userId, t.word] }),
    index('user_words_word_index').on(sql`${t.word} collate "C"`, t.userId),
  ],
);

/** Who wants nothing to do with whom. It holds in both directions; `chats.blocked` says so for their direct chat. */
export const blocks = pgTable(
  'blocks',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    blockedId: uuid('blocked_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ name: 'blocks_pkey', columns: [t.userId, t.blockedId] }),
    index('blocks_blocked_id_index').on(t.blockedId),
  ],
);

/** What people brought to the operator's attention: a person, or one message with its text as it was then. */
export const reports = pgTable(
  'reports',
  {
    id: uuid('id').primaryKey(),
    reporterId: uuid('reporter_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    chatId: uuid('chat_id'),
    messageId: uuid('message_id'),
    messageText: text('message_text'),
    reason: text('reason').notNull(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    closedAt: instant('closed_at'),
  },
  (t) => [
    index('reports_open_index')
      .on(t.createdAt, t.id)
      .where(sql`${t.closedAt} is null`),
    index('reports_reporter_id_index').on(t.reporterId, t.createdAt),
  ],
);

/**
 * Logins. A `device` has a refresh token and is listed; a `socket` session belongs to one plain socket and is deleted
 * with it. Only hashes of refresh tokens are kept.
 */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: sessionKind('kind').notNull(),
    refreshHash: bytea('refresh_hash'),
    previousRefreshHash: bytea('previous_refresh_hash'),
    refreshGeneration: integer('refresh_generation').notNull().default(0),
    rotatedAt: instant('rotated_at'),
    userAgent: text('user_agent'),
    ip: text('ip'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    lastUsedAt: instant('last_used_at')
      .notNull()
      .default(sql`now()`),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    index('sessions_user_id_index').on(t.userId),
    index('sessions_revoked_at_index')
      .on(t.revokedAt)
      .where(sql`${t.revokedAt} is not null`),
  ],
);

/** Sockets that were logged in, kept for 90 days. Open ones have no `disconnected_at`. */
export const connections = pgTable(
  'connections',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    sessionId: uuid('session_id').notNull(),
    /** The process that holds, or held, the socket. */
    nodeId: uuid('node_id').notNull(),
    dialect: text('dialect').notNull(),
    ip: text('ip'),
    userAgent: text('user_agent'),
    connectedAt: instant('connected_at').notNull(),
    disconnectedAt: instant('disconnected_at'),
    closeCode: integer('close_code'),
  },
  (t) => [
    index('connections_user_id_index').on(t.userId, t.connectedAt, t.id),
    index('connections_open_index')
      .on(t.nodeId, t.sessionId)
      .where(sql`${t.disconnectedAt} is null`),
    index('connections_open_user_index')
      .on(t.userId)
      .where(sql`${t.disconnectedAt} is null`),
    index('connections_disconnected_at_index').on(t.disconnectedAt),
  ],
);

/** Links and codes that work once: a password reset made by the operator, an invite to register. Only hashes are kept. */
export const oneTimeTokens = pgTable('one_time_tokens', {
  hash: bytea('hash').primaryKey(),
  purpose: oneTimePurpose('purpose').notNull(),
  userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
  createdAt: instant('created_at')
    .notNull()
    .default(sql`now()`),
  expiresAt: instant('expires_at').notNull(),
  usedAt: instant('used_at'),
});

/**
 * A chat's counters. Narrow, hot and without an index on anything a send changes, so that every update stays in its page.
 * `last_seq` numbers messages, `version` numbers all durable changes, `members_version` is the version of the last change
 * of members. A message is seen by all when every member but its sender has read it: that is up to `seen_seq`, where
 * the member furthest behind stands, and for messages of that member (`behind_id`) up to `behind_seen_seq`.
 */
export const chats = pgTable(
  'chats',
  {
    id: uuid('id').primaryKey(),
    type: chatType('type').notNull(),
    /** `lesser:greater` of the two user ids of a direct chat. */
    directKey: text('direct_key'),
    lastSeq: counter('last_seq').notNull().default(0),
    version: counter('version').notNull().default(0),
    membersVersion: counter('members_version').notNull().default(0),
    seenSeq: counter('seen_seq').notNull().default(0),
    behindId: uuid('behind_id'),
    behindSeenSeq: counter('behind_seen_seq').notNull().default(0),
    /** A direct chat of which one has blocked the other: nothing is written to it. */
    blocked: boolean('blocked').notNull().default(false),
    /** A group that its owner deleted: nobody is a member, its messages go bit by bit. */
    deletedAt: instant('deleted_at'),
    tx: xid8('tx')
      .notNull()
      .default(sql`pg_current_xact_id()`),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    uniqueIndex('chats_direct_key').on(t.directKey),
    index('chats_deleted_index')
      .on(t.id)
      .where(sql`${t.deletedAt} is not null`),
    check('chats_direct_check', sql`(${t.type} = 'direct') = (${t.directKey} is not null)`),
    check(
      'chats_counters_check',
      sql`${t.seenSeq} <= ${t.lastSeq} and ${t.behindSeenSeq} <= ${t.lastSeq} and ${t.membersVersion} <= ${t.version}`,
    ),
  ],
);

/** What a group has beyond its chat. */
export const groups = pgTable(
  'groups',
  {
    id: uuid('id').primaryKey(),
    chatId: uuid('chat_id')
      .notNull()
      .unique('groups_chat_key')
      .references(() => chats.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    description: text('description'),
    avatar: text('avatar'),
    creatorId: uuid('creator_id').references(() => users.id, { onDelete: 'set null' }),
    history: historyVisibility('history').notNull().default('all'),
    version: counter('version').notNull(),
  },
  (t) => [
    index('groups_avatar_index')
      .on(t.avatar)
      .where(sql`${t.avatar} is not null`),
  ],
);

/** Links into a group. Whoever has the text may join until it expires, is used up or revoked. */
export const chatInvites = pgTable(
  'chat_invites',
  {
    id: uuid('id').primaryKey(),
    chatId: uuid('chat_id')
      .notNull()
      .references(() => chats.id, { onDelete: 'cascade' }),
    token: text('token').notNull(),
    title: text('title'),
    creatorId: uuid('creator_id').references(() => users.id, { onDelete: 'set null' }),
    maxUses: integer('max_uses'),
    uses: integer('uses').notNull().default(0),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    uniqueIndex('chat_invites_token_key').on(t.token),
    index('chat_invites_chat_id_index').on(t.chatId, t.createdAt),
  ],
);

/**
 * Who is, or was, in a chat. `left_seq` is null for a member; a former member sees messages up to it. Positions only grow.
 * `version` is the chat's version when the membership last changed, `joined_version` that of the joining, `tx` the last
 * transaction that touched the row. Muted, archived and pinned are the member's own and change no version.
 */
export const memberships = pgTable(
  'memberships',
  {
    chatId: uuid('chat_id')
      .notNull()
      .references(() => chats.id, { onDelete: 'cascade' }),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'restrict' }),
    role: memberRole('role').notNull().default('member'),
    joinedSeq: counter('joined_seq').notNull().default(0),
    leftSeq: counter('left_seq'),
    deliveredSeq: counter('delivered_seq').notNull().default(0),
    readSeq: counter('read_seq').notNull().default(0),
    version: counter('version').notNull(),
    joinedVersion: counter('joined_version').notNull().default(0),
    /** `infinity`: until it is lifted. */
    mutedUntil: instant('muted_until'),
    archivedAt: instant('archived_at'),
    pinnedAt: instant('pinned_at'),
    /** The member wants to come back to it: shown as unread, whatever was read, until something is marked as read. */
    markedUnread: boolean('marked_unread').notNull().default(false),
    tx: xid8('tx')
      .notNull()
      .default(sql`pg_current_xact_id()`),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ name: 'memberships_pkey', columns: [t.chatId, t.userId] }),
    index('memberships_user_id_index').on(t.userId, t.chatId),
  ],
);

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

/** Facts about the database itself, such as the fingerprint of the key that signs tokens. */
export const settings = pgTable('settings', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
});
