import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  customType,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

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
    avatar: text('avatar'),
    passwordHash: text('password_hash'),
    lastSeenAt: instant('last_seen_at'),
    deactivatedAt: instant('deactivated_at'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    uniqueIndex('users_email_key').on(sql`lower(${t.email})`),
    uniqueIndex('users_phone_key').on(t.phone),
    uniqueIndex('users_username_key').on(sql`lower(${t.username})`),
    check(
      'users_identifier_check',
      sql`num_nonnulls(${t.email}, ${t.phone}, ${t.username}) > 0 or ${t.deactivatedAt} is not null`,
    ),
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
    tx: xid8('tx')
      .notNull()
      .default(sql`pg_current_xact_id()`),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    uniqueIndex('chats_direct_key').on(t.directKey),
    check('chats_direct_check', sql`(${t.type} = 'direct') = (${t.directKey} is not null)`),
    check(
      'chats_counters_check',
      sql`${t.seenSeq} <= ${t.lastSeq} and ${t.behindSeenSeq} <= ${t.lastSeq} and ${t.membersVersion} <= ${t.version}`,
    ),
  ],
);

/** What a group has beyond its chat. */
export const groups = pgTable('groups', {
  id: uuid('id').primaryKey(),
  chatId: uuid('chat_id')
    .notNull()
    .unique('groups_chat_key')
    .references(() => chats.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  creatorId: uuid('creator_id').references(() => users.id, { onDelete: 'set null' }),
  history: historyVisibility('history').notNull().default('all'),
  version: counter('version').notNull(),
});

/**
 * Who is, or was, in a chat. `left_seq` is null for a member; a former member sees messages up to it. Positions only grow.
 * `version` is the chat's version when the membership last changed, `tx` the last transaction that touched the row.
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
 * later change. `payload_hash` is of what a retry must repeat, not of the time.
 */
export const messages = pgTable(
  'messages',
  {
    chatId: uuid('chat_id').notNull(),
    seq: counter('seq').notNull(),
    id: uuid('id').notNull(),
    senderId: uuid('sender_id').notNull(),
    clientId: uuid('client_id').notNull(),
    payloadHash: bigint('payload_hash', { mode: 'bigint' }).notNull(),
    version: counter('version').notNull(),
    changedVersion: counter('changed_version'),
    sentAt: instant('sent_at').notNull(),
    createdAt: instant('created_at').notNull(),
    editedAt: instant('edited_at'),
    deletedAt: instant('deleted_at'),
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
  ],
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
