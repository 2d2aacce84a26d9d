/**
 * The full protocol, `messenger.v1`: all frames that either side may say. Every frame is one JSON object whose `type` names
 * it. A client's frame may carry `ref`, which its answer repeats; a frame that nobody asked for has none. Unknown fields are
 * ignored, unknown types are an error.
 */
import { z } from 'zod';
import { chat, counter, cursor, draft, ownSettings, role } from './chats.ts';
import { errorCatalogue, type ErrorCode } from './errors.ts';
import { mutedUntil } from './groups.ts';
import { uuid } from './ids.ts';
import { instant } from './instant.ts';
import { limits } from './limits.ts';
import { avatar } from './media.ts';
import { checkContent, draftKeys, earlierText, edited, emoji, mentionsOf, message, reading, seq } from './message.ts';
import { line, perhapsBlank, wellFormed } from './text.ts';

/** What a client calls its frame, so that it knows the answer. */
export const ref = z.union([z.string().max(64), z.int()]);
export type Ref = z.output<typeof ref>;

const frame = <T extends string, S extends z.core.$ZodShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), ref: ref.optional(), ...shape });

const inChat = { chat_id: uuid };
const atMessage = { chat_id: uuid, seq };
const on = z.boolean().default(true).meta({ description: 'False takes it back' });
const people = z.array(uuid).min(1);

/** Where a client stands, as `ready` and `changed` gave it: of constant size and opaque. */
const resumeToken = z.string().max(100);

const pageRows = z.int().min(1).max(limits.page.maxRows).default(limits.page.defaultRows);

const historyFrame = frame('history', {
  ...inChat,
  before: z.union([seq, z.literal('end')]).optional(),
  after: counter.optional(),
  around: seq.optional(),
  limit: pageRows,
});

/** What a client says. All but `login` and `ping` need a login. */
export const fullClientFrames = {
  login: frame('login', {
    token: wellFormed(limits.tokens.maxLength).optional(),
    identifier: wellFormed(limits.text.maxEmailBytes).optional(),
    password: wellFormed(1_024).optional(),
  }).superRefine(({ token, identifier, password }, context) => {
    if (token === undefined && (identifier === undefined || password === undefined))
      context.addIssue({
        code: 'custom',
        message: 'An access token is needed, or an identifier and a password',
        path: ['token'],
        params: { type: 'missing' },
      });
  }),
  ping: frame('ping', {}),
  resume: frame('resume', { token: resumeToken }),

  list_chats: frame('list_chats', { before: cursor.optional(), limit: pageRows }),
  get_chat: frame('get_chat', inChat),
  get_users: frame('get_users', { user_ids: people.max(limits.presence.maxWatched) }),
  sync: frame('sync', {
    ...inChat,
    after: counter.meta({ description: 'The version up to which one has everything' }),
    after_seq: counter.meta({ description: 'The newest message that one has with it' }),
    limit: z.int().min(1).max(limits.sync.maxRows).default(limits.sync.defaultRows),
    positions_since: resumeToken
      .nullish()
      .meta({ description: 'Only positions that may have moved since; absent: of every member' }),
  }),
  history: historyFrame.superRefine(({ before, after, around }, context) => {
    if ([before, after, around].filter((place) => place !== undefined).length !== 1)
      context.addIssue({
        code: 'custom',
        message: 'One of before, after and around is needed',
        path: ['before'],
        params: { type: 'value_error' },
      });
  }),
  list_edits: frame('list_edits', atMessage),
  list_reads: frame('list_reads', atMessage),
  list_pins: frame('list_pins', inChat),

  send: frame('send', { ...inChat, client_id: uuid, timestamp: instant.nullish(), ...draftKeys }).superRefine(
    checkContent,
  ),
  edit: frame('edit', { ...atMessage, ...edited.shape }).superRefine(({ text, mentions: named }, context) =>
    mentionsOf(text, named ?? [], context),
  ),
  delete: frame('delete', atMessage),
  react: frame('react', { ...atMessage, emoji, on }),
  pin: frame('pin', { ...atMessage, on }),

  mark_read: frame('mark_read', atMessage),
  mark_delivered: frame('mark_delivered', atMessage),
  mark_unread: frame('mark_unread', { ...inChat, on }),
  typing: frame('typing', inChat),
  watch: frame('watch', {
    user_ids: z.array(uuid).max(limits.presence.maxWatched).meta({ description: 'Instead of those before' }),
  }),
  set_draft: frame('set_draft', {
    ...inChat,
    text: perhapsBlank(limits.message.maxCodePoints).nullable().meta({ description: 'Null: there is no draft' }),
    reply_to: seq.nullish(),
  }),
  update_own: frame('update_own', {
    ...inChat,
    muted_until: mutedUntil.nullish(),
    archived: z.boolean().optional(),
    pinned: z.boolean().optional(),
  }),

  open_direct: frame('open_direct', { user_id: uuid }),
  create_group: frame('create_group', {
    name: line(limits.text.maxNameCodePoints),
    user_ids: z.array(uuid).max(limits.counts.membersPerGroup),
    history: z.enum(['all', 'since_joined']).default('all'),
  }),
  update_group: frame('update_group', {
    ...inChat,
    name: line(limits.text.maxNameCodePoints).optional(),
    description: perhapsBlank(limits.text.maxDescriptionCodePoints).nullish(),
  }),
  delete_group: frame('delete_group', inChat),
  add_members: frame('add_members', { ...inChat, user_ids: people.max(limits.counts.membersPerGroup) }),
  remove_member: frame('remove_member', { ...inChat, user_id: uuid }),
  leave: frame('leave', inChat),
  set_role: frame('set_role', { ...inChat, user_id: uuid, role }),
} as const;

export type FullClientType = keyof typeof fullClientFrames;
/** A frame as the server reads it. */
export type FullClientFrame<T extends FullClientType = FullClientType> = z.output<(typeof fullClientFrames)[T]>;
/** A frame as a client may write it. */
export type FullClientInput<T extends FullClientType = FullClientType> = z.input<(typeof fullClientFrames)[T]>;

export type { Draft } from './chats.ts';

/**
 * A chat as it stands for oneself at `version`: absolute, so that the newest one counts and none adds up. Unread are the
 * messages of others after `read_seq` up to `last_seq` that were not deleted, `unread_mentions` those of them that mention one.
 */
export const ownState = z
  .object({
    chat_id: uuid,
    version: counter,
    last_seq: counter,
    role,
    delivered_seq: counter,
    read_seq: counter,
    unread_count: counter,
    unread_mentions: counter,
    marked_unread: z.boolean(),
    ...ownSettings.shape,
    draft: draft.nullable(),
  })
  .meta({ id: 'OwnState' });
export type OwnState = z.output<typeof ownState>;

/** How far a member has got. Both only grow. */
export const position = z.object({ user_id: uuid, delivered_seq: counter, read_seq: counter });
export type Position = z.output<typeof position>;

/** A person as chats show them. */
export const person = z.object({
  id: uuid,
  name: z.string(),
  username: z.string().nullable(),
  ...avatar.shape,
  deleted: z.boolean(),
});
export type Person = z.output<typeof person>;

/** Who is there; `last_seen_at` null: there now, or not for one to know. */
export const presence = z.object({ user_id: uuid, online: z.boolean(), last_seen_at: z.string().nullable() });
export type Presence = z.output<typeof presence>;

/** What a group is called and looks like. */
export const groupFields = z.object({
  id: uuid,
  name: z.string(),
  description: z.string().nullable(),
  ...avatar.shape,
});

/** A change of a chat. It follows version `after`, which is the one before `version` where it is absent. */
const change = <T extends string, S extends z.core.$ZodShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), ...inChat, version: seq, after: counter.optional(), ...shape });

const memberRoles = z.array(z.object({ user_id: uuid, role }));

/** Changes of a chat, each with its version: the contiguous-watermark rule is about these. */
export const fullChangeFrames = {
  message: change('message', { message }),
  message_changed: change('message_changed', { message }),
  unseen_changed: change('unseen_changed', {}),
  direct_opened: change('direct_opened', { user_ids: z.array(uuid) }),
  group_created: change('group_created', {
    group: z.object({ id: uuid, name: z.string(), creator_id: uuid }),
    user_ids: z.array(uuid),
  }),
  members_added: change('members_added', { user_ids: z.array(uuid) }),
  member_removed: change('member_removed', { user_id: uuid }),
  role_changed: change('role_changed', { members: memberRoles }),
  group_changed: change('group_changed', { group: groupFields }),
  chat_deleted: change('chat_deleted', {}),
} as const;

export type FullChangeType = keyof typeof fullChangeFrames;
export type FullChangeFrame<T extends FullChangeType = FullChangeType> = z.output<(typeof fullChangeFrames)[T]>;

const shownLimits = z.object({
  max_text_code_points: counter,
  max_text_bytes: counter,
  max_frame_bytes: counter,
  max_mentions: counter,
  max_watched: counter,
  max_members: counter,
  max_page_rows: counter,
  max_sync_rows: counter,
  sends_per_second: z.number(),
  sends_burst: counter,
});

/** What the server says in answer: with the `ref` of the frame, where it had one. */
export const fullAnswerFrames = {
  ready: frame('ready', {
    user: person,
    session_id: uuid,
    protocol: z.string().meta({ description: 'The version of the wire' }),
    resume: resumeToken,
    heartbeat_ms: counter.meta({ description: 'Say `ping` when nothing was heard for so long' }),
    limits: shownLimits,
  }),
  pong: frame('pong', {}),
  changed: frame('changed', {
    resume: resumeToken,
    chats: z.array(ownState).meta({ description: 'One’s chats that changed since the token' }),
    left: z.array(uuid).meta({ description: 'Chats one is no member of any more' }),
  }),
  chats: frame('chats', {
    rows: z.array(chat),
    next: z.string().nullable().meta({ description: '`before` of the next page; null: this was the last one' }),
  }),
  chat: frame('chat', { chat }),
  users: frame('users', { rows: z.array(person) }),
  changes: frame('changes', {
    ...inChat,
    after: counter,
    to: counter.meta({ description: 'One has everything up to this version now' }),
    to_seq: counter.meta({ description: '`after_seq` of the next page' }),
    more: z.boolean().meta({ description: 'Ask again with `to` and `to_seq`' }),
    rows: z.array(message).meta({ description: 'New and changed messages as they are now' }),
    members: z
      .array(z.object({ user_id: uuid, role: role.nullable() }))
      .meta({ description: 'Whose membership changed; role null: no member any more' }),
    group: groupFields.nullable().meta({ description: 'Null where it did not change' }),
    positions: z.array(position).meta({ description: 'Of members; on the last page only' }),
    own: ownState,
  }),
  history: frame('history', {
    ...inChat,
    version: counter.meta({ description: 'The version of the chat at which the page was read' }),
    first_seq: counter.meta({ description: 'The first message that one may see; 0 where there is none' }),
    last_seq: counter.meta({ description: 'The last one' }),
    rows: z.array(message).meta({ description: 'Ascending' }),
  }),
  edits: frame('edits', { ...atMessage, rows: z.array(earlierText).meta({ description: 'The oldest first' }) }),
  reads: frame('reads', { ...atMessage, rows: z.array(reading).meta({ description: 'The first reader first' }) }),
  pins: frame('pins', { ...inChat, rows: z.array(message).meta({ description: 'The newest pin first' }) }),
  ack: frame('ack', {
    chat_id: uuid,
    client_id: uuid,
    id: uuid,
    seq,
    version: seq,
    timestamp: z.string(),
    duplicate: z.boolean().meta({ description: 'It had been stored by an earlier frame' }),
  }),
  opened: frame('opened', { ...inChat, created: z.boolean() }),
  done: frame('done', { version: counter.optional().meta({ description: 'Of the chat, where it was changed' }) }),
  error: frame('error', {
    code: z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]),
    message: z.string().meta({ description: 'For people; it may change' }),
    retry: z.enum(['never', 'same', 'new']),
    after_ms: counter.optional(),
    mistakes: z
      .array(z.object({ type: z.string(), loc: z.array(z.union([z.string(), z.int()])), msg: z.string() }))
      .optional(),
    client_id: z.string().optional().meta({ description: 'Of the message that was refused' }),
  }),
} as const;

export type FullAnswerType = keyof typeof fullAnswerFrames;

/** What the server says unasked and without a version: absolute, so that the newest one counts; it may be lost. */
export const fullPushFrames = {
  positions: z.object({ type: z.literal('positions'), ...inChat, rows: z.array(position) }),
  own: z.object({ type: z.literal('own'), own: ownState }),
  seen: z.object({ type: z.literal('seen'), ...inChat, seq }),
  typing: z.object({ type: z.literal('typing'), ...inChat, user_id: uuid }),
  presence: z.object({ type: z.literal('presence'), rows: z.array(presence) }),
  lag: z.object({
    type: z.literal('lag'),
    chats: z.array(z.object({ ...inChat, version: counter })).meta({ description: 'What was left out: sync to here' }),
  }),
  closing: z.object({ type: z.literal('closing'), after_ms: counter.meta({ description: 'When to connect again' }) }),
} as const;

export const fullServerFrames = { ...fullAnswerFrames, ...fullChangeFrames, ...fullPushFrames } as const;
export type FullServerType = keyof typeof fullServerFrames;
export type FullServerFrame<T extends FullServerType = FullServerType> = z.output<(typeof fullServerFrames)[T]>;
