/** People, and what they log in by. */
import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { bytea, instant } from './columns.ts';

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
