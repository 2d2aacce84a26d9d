import { randomUUID } from 'node:crypto';
import { ProtocolError } from '../../protocol/errors.ts';
import * as contract from '../../protocol/rooms-http.ts';
import { findWhyNot } from '../chats/queries.ts';
import type { Sql } from '../db/client.ts';
import type { mountOn } from '../http/mount.ts';
import type { Marks } from '../messages/marks.ts';
import type { Writer } from '../messages/writer.ts';
import { getReading, getRoomHistory, getRoomMessage } from './rooms-queries.ts';

type Mount = ReturnType<typeof mountOn>;

export interface RoomsRoutes {
  sql: Sql;
  writer: Pick<Writer, 'send'>;
  marks: Pick<Marks, 'markMessage'>;
}

const sockets = [
  {
    path: '/ws/{chat_id}?token={access_token}',
    description: 'One chat',
    sends: '{"text": "…"}',
    receives: '{"type": "message", "data": {id, sender_id, sender_name, text, timestamp, is_read}}',
  },
  {
    path: '/ws/user?token={access_token}',
    description: 'All chats of the person; it only listens',
    sends: '',
    receives: '{"type": "message", "data": {id, chat_id, sender_id, sender_name, text, timestamp, is_read}}',
  },
];

/** Puts the calls that system 004 documents for messages on the router. */
export function mountRooms(mount: Mount, { sql, writer, marks }: RoomsRoutes): void {
  mount(contract.getRoomHistory, async ({ caller, params, query }) => ({
    status: 200,
    json: await getRoomHistory(sql, { ...caller, ...params, ...query }),
  }));

  mount(contract.postMessage, async ({ caller: { sessionId, userId }, body }) => {
    const { chat_id: chatId, text, client_id: clientId } = body;
    const send = { sessionId, senderId: userId, chatId, clientId: clientId ?? randomUUID(), text, sentAt: null };
    const { seq } = await writer.send(send).catch(async (error: unknown) => {
      throw error instanceof ProtocolError && error.code === 'no_chat' ? await findWhyNot(sql, chatId) : error;
    });
    return { status: 200, json: await getRoomMessage(sql, { userId, chatId, seq }) };
  });

  mount(contract.readMessage, async ({ caller: { sessionId, userId }, params: { messageId } }) => {
    const { isOwn } = await getReading(sql, { sessionId, userId, messageId });
    if (!isOwn) await marks.markMessage({ sessionId, userId, messageId });
    const { readAt } = await getReading(sql, { sessionId, userId, messageId });
    const read = { message_id: messageId, user_id: userId, read_at: readAt, is_read: true };
    return { status: 200, body: isOwn ? { ...read, message: contract.ownMessageText } : read };
  });

  mount(contract.getSocketInfo, () => Promise.resolve({ status: 200, body: sockets }));
}
