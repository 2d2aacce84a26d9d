/** What the server says in the full protocol: answers, changes with their versions, and what may be lost. */
import { chatId as chat_id, jamesId, jasonId, messageId, vincentId } from './example-ids.ts';
import { fullAnswerFrames, fullChangeFrames, fullPushFrames, type FullServerType } from './full.ts';
import {
  changedMessage,
  chatExample,
  clientId,
  describeFrames,
  exampleMessage,
  groupChatId,
  groupExample,
  groupId,
  james,
  ownExample,
  resumeToken,
  vincent,
  type Words,
} from './full-socket-examples.ts';
import { limits } from './limits.ts';
import { wireVersion } from './version.ts';

const shownLimits = {
  max_text_code_points: limits.message.maxCodePoints,
  max_text_bytes: limits.message.maxBytes,
  max_frame_bytes: limits.json.maxBytes,
  max_mentions: limits.message.maxMentions,
  max_watched: limits.presence.maxWatched,
  max_members: limits.counts.membersPerGroup,
  max_page_rows: limits.page.maxRows,
  max_sync_rows: limits.sync.maxRows,
  sends_per_second: limits.rates.sends.perSecond,
  sends_burst: limits.rates.sends.burst,
};

const answers: Record<keyof typeof fullAnswerFrames, Words> = {
  ready: [
    'One is logged in, and from here on this socket hears of all of one’s chats. Answers `login`; unasked and first where the handshake logged in. `resume` is the token to keep.',
    {
      ref: 1,
      user: james,
      session_id: '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d003',
      protocol: wireVersion,
      resume: resumeToken,
      heartbeat_ms: limits.sockets.pingEveryMs,
      limits: shownLimits,
    },
  ],
  pong: ['Answers `ping`.', { ref: 2 }],
  changed: [
    'Answers `resume`: each chat of one’s own that changed since the token, as it stands for oneself; sync those whose version is above one’s own. `resume` replaces the token.',
    { ref: 3, resume: '5f1c02d9.74240', chats: [ownExample], left: [groupChatId] },
  ],
  chats: ['A page of one’s chats, answers `list_chats`.', { ref: 4, rows: [chatExample], next: null }],
  chat: ['Answers `get_chat`.', { ref: 5, chat: chatExample }],
  users: ['Answers `get_users`.', { ref: 6, rows: [james, vincent] }],
  changes: [
    'A page of what changed, answers `sync`: apply the rows, then the watermark is `to`. While there is `more`, ask again after `to` and `to_seq`; positions are on the last page, and `own` is how the chat stands for oneself.',
    {
      ref: 7,
      chat_id,
      after: 14,
      to: 17,
      to_seq: 12,
      more: false,
      rows: [changedMessage],
      members: [],
      group: null,
      positions: [{ user_id: vincentId, delivered_seq: 12, read_seq: 12 }],
      own: ownExample,
    },
  ],
  history: [
    'A page of messages in ascending order, as they were at `version`; answers `history`.',
    { ref: 8, chat_id, version: 17, first_seq: 1, last_seq: 12, rows: [changedMessage] },
  ],
  edits: [
    'Earlier texts of a message, the oldest first; answers `list_edits`.',
    { ref: 9, chat_id, seq: 12, rows: [{ text: 'Hello James', written_at: '2025-05-04T04:45:50.120Z' }] },
  ],
  reads: [
    'Who has read a message and when, the first reader first; answers `list_reads`.',
    { ref: 35, chat_id, seq: 12, rows: [{ user_id: jamesId, read_at: '2025-05-04T04:47:12.004Z' }] },
  ],
  pins: ['Pinned messages, the newest pin first; answers `list_pins`.', { ref: 10, chat_id, rows: [] }],
  ack: [
    'The message is committed; answers `send`. `duplicate`: an earlier frame had stored it, and these are its values.',
    {
      ref: 11,
      chat_id,
      client_id: clientId,
      id: messageId,
      seq: 12,
      version: 15,
      timestamp: '2025-05-04T04:45:50Z',
      duplicate: false,
    },
  ],
  opened: [
    'Answers `open_direct` and `create_group`. `created` is false for a chat that was there.',
    { ref: 23, chat_id, created: true },
  ],
  done: [
    'What was asked for is committed; `version` is that of the chat where it was changed.',
    { ref: 12, version: 16 },
  ],
  error: [
    'A frame was refused; act on `code` and `retry`, never on the text. The socket stays usable.',
    { ref: 11, code: 'no_chat', message: 'You are not a member of this chat.', retry: 'never', client_id: clientId },
  ],
};

const changes: Record<keyof typeof fullChangeFrames, Words> = {
  message: [
    'A message was stored; to all sockets of all members but the one that sent it, which gets the `ack` with the same version.',
    { chat_id, version: 15, message: exampleMessage },
  ],
  message_changed: [
    'A message was edited, deleted, reacted to, pinned or unpinned: the whole of it as it is now. Take the one with the highest `changed_version`.',
    { chat_id, version: 17, message: changedMessage },
  ],
  direct_opened: [
    'Somebody opened the direct chat of these two; one of them is oneself.',
    { chat_id, version: 1, user_ids: [jamesId, vincentId] },
  ],
  group_created: [
    'Somebody made a group with oneself in it.',
    {
      chat_id: groupChatId,
      version: 1,
      group: { id: groupId, name: 'Car.', creator_id: jamesId },
      user_ids: [jamesId, jasonId],
    },
  ],
  members_added: [
    'People became members; to oneself when one is among them: then sync the chat from 0.',
    { chat_id: groupChatId, version: 2, user_ids: [vincentId] },
  ],
  member_removed: [
    'Somebody left or was removed. When it is oneself, it is the last one hears of the chat.',
    { chat_id: groupChatId, version: 3, user_id: vincentId },
  ],
  role_changed: [
    'Members have these roles now; who hands a group on is told with who takes it.',
    { chat_id: groupChatId, version: 4, members: [{ user_id: jasonId, role: 'admin' }] },
  ],
  group_changed: [
    'What a group is called and looks like now.',
    { chat_id: groupChatId, version: 5, after: 3, group: groupExample },
  ],
  unseen_changed: [
    'A message from before one joined was changed, in a group that shows its history since then: nothing to apply but the version.',
    { chat_id: groupChatId, version: 7 },
  ],
  chat_deleted: ['A group is gone with all its messages; nothing follows.', { chat_id: groupChatId, version: 6 }],
};

const pushes: Record<keyof typeof fullPushFrames, Words> = {
  positions: [
    'How far members have got now. Both numbers only grow.',
    { chat_id, rows: [{ user_id: vincentId, delivered_seq: 12, read_seq: 12 }] },
  ],
  own: [
    'How a chat stands for oneself, after a change by any device of one’s own. Of two the one with the higher version and position is the newer.',
    { own: ownExample },
  ],
  seen: [
    'To the sender: every other member has read this message, and all of one’s own before it.',
    { chat_id, seq: 12 },
  ],
  typing: ['Somebody is typing; it holds for some 5 seconds.', { chat_id, user_id: vincentId }],
  presence: [
    'Who is there, of those one watches. `last_seen_at` null: there now, or not for one to know.',
    { rows: [{ user_id: vincentId, online: false, last_seen_at: '2025-05-04T04:50:00Z' }] },
  ],
  lag: [
    'This socket read too slowly, or its node did not hear the others for a moment: changes up to these versions were left out, and what has no version may be missing. Sync each chat that is behind, and resume.',
    { chats: [{ chat_id, version: 240 }] },
  ],
  closing: [
    'The node is about to close this socket with 4009: connect again after so long, plus a random pause.',
    { after_ms: 1_500 },
  ],
};

export const fullServerDescriptions: Record<FullServerType, ReturnType<typeof describeFrames>[string]> = {
  ...describeFrames(fullAnswerFrames, answers),
  ...describeFrames(fullChangeFrames, changes),
  ...describeFrames(fullPushFrames, pushes),
};
