/** A valid call of each endpoint for chats and messages that takes input. */
import { randomUUID } from 'node:crypto';
import { ofChat, ofPerson, png, type Calls } from './call.ts';

const inChat = ofChat(({ chatId }) => ({ params: { chatId } }));
const atMessage = ofChat(({ chatId }) => ({ params: { chatId, seq: '1' } }));
const withEmoji = ofChat(({ chatId }) => ({ params: { chatId, seq: '1', emoji: encodeURIComponent('👍') } }));
const inGroup = ofChat(({ groupId }) => ({ params: { groupId } }));

/** Calls of system 003, which stand under `/api/v1` too. */
const underBoth = (its: Calls): Calls => ({
  ...its,
  ...Object.fromEntries(Object.entries(its).map(([id, call]) => [id.replace(' /', ' /api/v1/'), call])),
});

export const callsOfChats: Calls = {
  'post /api/v1/chats/personal': ofPerson(400, ({ personId }) => ({ body: { member_ids: [personId] } })),
  'post /api/v1/chats/group': ofPerson(200, ({ personId }) => ({
    body: { name: 'A group', member_ids: [personId] },
  })),
  'get /api/v1/chats/:chatId': inChat,
  'patch /api/v1/chats/:chatId': ofChat(({ chatId }) => ({ params: { chatId }, body: { name: 'Another name' } })),
  'delete /api/v1/chats/:chatId': inChat,
  'post /api/v1/chats/:chatId/leave': inChat,
  'patch /api/v1/chats/:chatId/me': ofChat(({ chatId }) => ({ params: { chatId }, body: { archived: true } })),
  'put /api/v1/chats/:chatId/draft': ofChat(({ chatId }) => ({ params: { chatId }, body: { text: 'Not yet' } })),
  'delete /api/v1/chats/:chatId/draft': inChat,
  'put /api/v1/chats/:chatId/avatar': ofChat(({ chatId }) => ({ params: { chatId }, file: png })),
  'delete /api/v1/chats/:chatId/avatar': inChat,

  'get /api/v1/chats/:chatId/members': inChat,
  'post /api/v1/chats/:chatId/members': ofChat(({ chatId }, { newcomer }) => ({
    params: { chatId },
    body: { user_ids: [newcomer.id] },
  })),
  'delete /api/v1/chats/:chatId/members/:userId': ofChat(({ chatId, personId }) => ({
    params: { chatId, userId: personId },
  })),
  'put /api/v1/chats/:chatId/members/:userId/role': ofChat(({ chatId, personId }) => ({
    params: { chatId, userId: personId },
    body: { role: 'admin' },
  })),
  'post /api/v1/chats/:chatId/transfer': ofChat(({ chatId, personId }) => ({
    params: { chatId },
    body: { user_id: personId },
  })),

  'post /api/v1/chats/:chatId/invites': ofChat(({ chatId }) => ({ params: { chatId }, body: { max_uses: 1 } })),
  'get /api/v1/chats/:chatId/invites': inChat,
  'delete /api/v1/chats/:chatId/invites/:inviteId': ofChat(({ chatId, inviteId }) => ({
    params: { chatId, inviteId },
  })),
  'get /api/v1/invites/:token': { about: 'invite', make: ({ inviteToken }) => ({ params: { token: inviteToken } }) },
  'post /api/v1/invites/:token/join': {
    about: 'invite',
    make: ({ inviteToken }) => ({ params: { token: inviteToken } }),
  },

  'get /history/:chatId': inChat,
  'get /api/v1/chats/:chatId/history': inChat,
  'put /api/v1/chats/:chatId/messages/:clientId': ofChat(({ chatId }) => ({
    params: { chatId, clientId: randomUUID() },
    body: { text: 'Hello' },
  })),
  'patch /api/v1/chats/:chatId/messages/:seq': ofChat(({ chatId }) => ({
    params: { chatId, seq: '1' },
    body: { text: 'Hello again' },
  })),
  'delete /api/v1/chats/:chatId/messages/:seq': atMessage,
  'put /api/v1/chats/:chatId/messages/:seq/reactions/:emoji': withEmoji,
  'delete /api/v1/chats/:chatId/messages/:seq/reactions/:emoji': withEmoji,
  'put /api/v1/chats/:chatId/messages/:seq/pin': atMessage,
  'delete /api/v1/chats/:chatId/messages/:seq/pin': atMessage,
  'get /api/v1/chats/:chatId/messages/:seq/edits': atMessage,
  'get /api/v1/chats/:chatId/messages/:seq/reads': atMessage,
  'get /api/v1/chats/:chatId/pins': inChat,
  'get /api/v1/chats/:chatId/changes': inChat,
  'post /api/v1/chats/messages': ofChat(({ chatId }) => ({ body: { chat_id: chatId, text: 'Hello' } })),
  'post /api/v1/chats/messages/:messageId/read': ofChat(({ messageId }) => ({ params: { messageId } })),
  'post /api/v1/chats/:chatId/read': ofChat(({ chatId }) => ({ params: { chatId }, body: { seq: 1 } })),
  'post /api/v1/chats/:chatId/delivered': ofChat(({ chatId }) => ({ params: { chatId }, body: { seq: 1 } })),

  ...underBoth({
    'post /chats': ofPerson(400, ({ personId }) => ({ body: { user_id: personId } })),
    'post /groups': ofPerson(201, ({ personId }) => ({ body: { title: 'A group', member_ids: [personId] } })),
    'get /groups/:groupId': inGroup,
    'delete /groups/:groupId': inGroup,
    'post /groups/:groupId/members': ofChat(({ groupId }, { newcomer }) => ({
      params: { groupId },
      body: { user_ids: [newcomer.id] },
    })),
    'delete /groups/:groupId/members': ofChat(({ groupId, personId }) => ({
      params: { groupId },
      body: { user_ids: [personId] },
    })),
    'get /messages/history/:chatId': inChat,
  }),
};
