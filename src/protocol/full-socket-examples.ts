/** What the documents' frames of the full protocol are made of. Ids are those of the demo's data. */
import { chatId as chat_id, jamesId, jasonId, messageId, vincentId } from './example-ids.ts';
import type { FrameDescription } from './socket.ts';
import type { z } from 'zod';

export const groupChatId = '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d002';
export const groupId = '0197a3c2-7d4e-7cc1-9a55-0c2f4be7d001';
export const clientId = 'dadf4d3c-ccf8-443d-ad7d-7dafca692fbd';
export const resumeToken = '5f1c02d9.74213';

export const exampleMessage = {
  id: messageId,
  chat_id,
  seq: 12,
  version: 15,
  sender_id: vincentId,
  client_id: clientId,
  text: 'Hello James',
  timestamp: '2025-05-04T04:45:50Z',
  mentions: [{ user_id: jamesId, offset: 6, length: 5 }],
};

export const changedMessage = {
  ...exampleMessage,
  changed_version: 17,
  text: 'Hello',
  mentions: undefined,
  edited_at: '2025-05-04T04:47:02.310544Z',
  reactions: [{ emoji: '👍', user_ids: [jamesId] }],
};

export const ownExample = {
  chat_id,
  version: 17,
  last_seq: 12,
  role: 'member',
  delivered_seq: 12,
  read_seq: 11,
  unread_count: 1,
  unread_mentions: 0,
  marked_unread: false,
  muted_until: null,
  archived: false,
  pinned: false,
  draft: { text: 'Hello Vin', updated_at: '2025-05-04T04:46:30.001Z' },
} as const;

const personOf = (id: string, name: string) => ({
  id,
  name,
  username: null,
  avatar_url: null,
  avatar_small_url: null,
  deleted: false,
});

export const james = personOf(jamesId, 'James');
export const vincent = personOf(vincentId, 'Vincent');

export const chatExample = {
  id: groupChatId,
  name: 'Car.',
  type: 'group',
  description: null,
  avatar_url: null,
  avatar_small_url: null,
  group_id: groupId,
  creator_id: jamesId,
  history: 'all',
  members: [
    { id: jamesId, name: 'James', email: null, username: null, avatar_small_url: null, role: 'owner' },
    { id: jasonId, name: 'Jason', email: null, username: null, avatar_small_url: null, role: 'member' },
  ],
  more_members: false,
  role: 'owner',
  muted_until: null,
  archived: false,
  pinned: false,
  last_seq: 0,
  version: 1,
  read_seq: 0,
  seen_seq: 0,
  delivered_seq: 0,
  unread_count: 0,
  unread_mentions: 0,
  marked_unread: false,
  draft: null,
  last_message: null,
  active_at: '2025-05-04T04:40:00Z',
} as const;

export const groupExample = {
  id: groupId,
  name: 'Car and garage',
  description: null,
  avatar_url: null,
  avatar_small_url: null,
};

/** What there is to say of a frame: its summary, and its example without the type. */
export type Words = readonly [summary: string, example: Record<string, unknown>];

/** Frames with what there is to say of each. */
export const describeFrames = <K extends string>(
  schemas: Readonly<Record<K, z.ZodType>>,
  words: Readonly<Record<K, Words>>,
): Record<K, FrameDescription> =>
  Object.fromEntries(
    (Object.keys(schemas) as K[]).map((type): [string, FrameDescription] => {
      const [summary, example] = words[type];
      const plain = JSON.parse(JSON.stringify({ type, ...example })) as unknown;
      return [type, { schema: schemas[type], summary, example: plain }];
    }),
  ) as Record<K, FrameDescription>;
