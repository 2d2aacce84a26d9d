/** What a client says in the full protocol: who may, what answers, and which errors there are besides those of every frame. */
import { chatId as chat_id, jamesId, jasonId, vincentId } from './example-ids.ts';
import { fullClientFrames, type FullClientType } from './full.ts';
import { clientId, describeFrames, groupChatId, resumeToken, type Words } from './full-socket-examples.ts';

const user_id = vincentId;

const words: Record<FullClientType, Words> = {
  login: [
    'Logs in with an access token, or with an identifier and a password; answered by `ready`. Needed within 5 seconds unless the handshake carried a cookie or a Bearer token; again on the same socket, it switches the person. Errors: `wrong_credentials`, `not_authenticated` of a token that is not good, `session_revoked`, `rate_limited`.',
    { ref: 1, identifier: 'nicholecarroll@example.com', password: '!0Wtg' },
  ],
  ping: ['Asks whether the other end is there; answered by `pong`, also before the login.', { ref: 2 }],
  resume: [
    'Asks which of one’s chats changed since a token; answered by `changed`. At any time, also to get a newer token. Error: `resume_not_possible` when the token is of another life of the database: forget all that was read, and read anew.',
    { ref: 3, token: resumeToken },
  ],
  list_chats: [
    'One’s chats, the newest activity first; answered by a page, `chats`. `before` is `next` of the page before.',
    { ref: 4, limit: 50 },
  ],
  get_chat: [
    'One chat with all its members; answered by `chat`. Members only: `no_chat`, whether it exists or not.',
    { ref: 5, chat_id },
  ],
  get_users: [
    'What people are called and look like; answered by `users`. Ids that nobody has are left out.',
    { ref: 6, user_ids: [jamesId, vincentId] },
  ],
  sync: [
    'Everything that changed in a chat after a version, as it is now; answered by a page, `changes`. Members only: `no_chat`.',
    { ref: 7, chat_id, after: 14, after_seq: 11 },
  ],
  history: [
    'A page of messages, answered by `history`: before or after a message, around one, or before the `end`; exactly one of the three. Members, and those who left, as far as they may see: `no_chat`. Reading marks nothing as read.',
    { ref: 8, chat_id, before: 'end', limit: 50 },
  ],
  list_edits: [
    'What a message said before it was edited, answered by `edits`. Who sees the message may: `no_message`.',
    { ref: 9, chat_id, seq: 12 },
  ],
  list_reads: [
    'Who has read a message and when, answered by `reads`: those who were members when it was said, but its sender. Who sees the message may: `no_message`.',
    { ref: 35, chat_id, seq: 12 },
  ],
  list_pins: ['The pinned messages of a chat, answered by `pins`. Members only: `no_chat`.', { ref: 10, chat_id }],
  send: [
    'Sends a message, answered by `ack` once it is committed, or by an error with its `client_id`. The same `client_id` again is acked again and stored once. `after` names one’s message before. Members only: `no_chat`, `blocked`, `conflict`, `depends_missing`, `no_message` of a reply or forward, `deleted` of a forward.',
    {
      ref: 11,
      chat_id,
      client_id: clientId,
      text: 'Hello James',
      timestamp: '2025-05-04T04:45:50Z',
      mentions: [{ user_id: jamesId, offset: 6, length: 5 }],
    },
  ],
  edit: [
    'Changes the text of one’s own message, answered by `done`; what it said before is kept, for all who see it. Errors: `no_message`, `access_denied`, `deleted`, `too_many_edits`.',
    { ref: 12, chat_id, seq: 12, text: 'Hello' },
  ],
  delete: [
    'Deletes a message for everybody, answered by `done`; its place stays. By its sender, in a group by owner and admins too: `no_message`, `access_denied`. Again it changes nothing.',
    { ref: 13, chat_id, seq: 12 },
  ],
  react: [
    'Gives a message an emoji, or with `on: false` takes it back; answered by `done`. Members only: `no_message`, `deleted`, `too_many_reactions`. Again it changes nothing.',
    { ref: 14, chat_id, seq: 12, emoji: '👍' },
  ],
  pin: [
    'Pins a message for everybody, or with `on: false` unpins it; answered by `done`. In a direct chat both may, in a group owner and admins: `no_message`, `access_denied`, `deleted`, `too_many_pins`.',
    { ref: 15, chat_id, seq: 12 },
  ],
  mark_read: [
    'One has read this message and all before it; answered by `done`. A position only grows: an earlier one changes nothing.',
    { ref: 16, chat_id, seq: 12 },
  ],
  mark_delivered: [
    'This message and all before it have reached a device of one’s own; answered by `done`.',
    { ref: 17, chat_id, seq: 12 },
  ],
  mark_unread: [
    'Marks a chat as unread for oneself, whatever one has read, or with `on: false` takes that back; answered by `done`.',
    { ref: 18, chat_id },
  ],
  typing: [
    'One is typing in a chat; answered by `done`. Say it every few seconds while it lasts; told to others at most once in 3 seconds.',
    { ref: 19, chat_id },
  ],
  watch: [
    'Whose presence this socket hears of from now on, instead of those before; answered by `done`, and `presence` says how it is now. Only of people one shares a chat with is anything told.',
    { ref: 20, user_ids: [vincentId, jasonId] },
  ],
  set_draft: [
    'Keeps a text that is not sent yet, or with `text: null` none; answered by `done`. One’s other sockets are told by `own`.',
    { ref: 21, chat_id, text: 'Hello Vin' },
  ],
  update_own: [
    'Mutes, archives or pins a chat for oneself; what is absent stays. Answered by `done`. Errors: `no_chat`, `too_many_pinned`.',
    { ref: 22, chat_id, muted_until: 'forever', pinned: true },
  ],
  open_direct: [
    'The one chat with a person, made when there is none; answered by `opened`. Errors: `no_user`, `not_a_pair` with oneself, `blocked`, `too_many_chats`.',
    { ref: 23, user_id },
  ],
  create_group: [
    'Makes a group of these people and oneself, who is its owner; answered by `opened`. With all of them or not at all: `no_user`, `too_many_members`, `too_many_chats`.',
    { ref: 24, name: 'Car.', user_ids: [vincentId, jasonId] },
  ],
  update_group: [
    'Changes what a group is called; what is absent stays. Answered by `done`. By owner and admins: `no_chat`, `access_denied`, `not_a_group`.',
    { ref: 25, chat_id: groupChatId, name: 'Car and garage' },
  ],
  delete_group: [
    'Deletes a group with all its messages, answered by `done`. By the owner: `no_chat`, `access_denied`, `not_a_group`.',
    { ref: 26, chat_id: groupChatId },
  ],
  add_members: [
    'Adds people to a group, answered by `done`. By owner and admins: `no_chat`, `access_denied`, `not_a_group`, `no_user`, `too_many_members`, `too_many_chats`. Who is a member already stays one.',
    { ref: 27, chat_id: groupChatId, user_ids: [jasonId] },
  ],
  remove_member: [
    'Takes a person out of a group, answered by `done`. The owner anybody, an admin those who are neither: `no_chat`, `access_denied`, `not_a_group`, `no_user`, `owner_stays`.',
    { ref: 28, chat_id: groupChatId, user_id },
  ],
  leave: [
    'Leaves a group, answered by `done`. When the owner leaves, the oldest admin inherits, else the oldest member. Errors: `no_chat`, `not_a_group`.',
    { ref: 29, chat_id: groupChatId },
  ],
  set_role: [
    'Makes a member an admin or not, or with `owner` hands the group on; answered by `done`. By the owner: `no_chat`, `access_denied`, `not_a_group`, `no_user`, `not_oneself`.',
    { ref: 30, chat_id: groupChatId, user_id, role: 'admin' },
  ],
};

export const fullClientDescriptions = describeFrames(fullClientFrames, words);
