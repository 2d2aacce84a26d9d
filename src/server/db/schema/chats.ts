/** Chats, and who is in them. */
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
import { counter, instant, xid8 } from './columns.ts';
import { users } from './people.ts';

export const chatType = pgEnum('chat_type', ['direct', 'group']);
export const memberRole = pgEnum('member_role', ['owner', 'admin', 'member']);
export const historyVisibility = pgEnum('history_visibility', ['all', 'since_joined']);

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
