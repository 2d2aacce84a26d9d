/**
 * The dialect of system 003: frames with an `action`, events for the chats that a socket has joined.
 *
 * What a socket has joined is its talk's to remember. It is only about what it wants to hear: who may hear is decided
 * before, by membership. Who is taken out of a chat has left it on all sockets.
 */
import type { z } from 'zod';
import {
  actionsClientFrames,
  type ActionName,
  type ActionsMessage,
  type actionsPerson,
} from '../../protocol/actions.ts';
import { closeCodes } from '../../protocol/close-codes.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { uuidV5 } from '../db/uuid-v5.ts';
import type { Command, Dialect, Draft, Outcome, Talk } from '../realtime/dialect.ts';
import type { ServerEvent, StoredMessage } from '../realtime/events.ts';
import type { Entrance } from '../realtime/gateway.ts';
import type { Names } from '../users/names.ts';
import { parseFrame, readFields, toErrorFrame } from './russian-frames.ts';

/** How the clients of system 003 know that their token was refused. */
const invalidTokenCode = 4001;

/** Of the client_ids that are made of free-text keys; never to be changed, or retries are stored twice. */
const keyNamespace = 'b8f0a5d2-6d0b-4f43-9f0e-3f1c5a1f7c55';

const toKey = (key: string | null | undefined): Pick<Draft, 'clientId' | 'clientKey'> =>
  typeof key === 'string' ? { clientId: uuidV5(keyNamespace, key), clientKey: key } : {};

const toCommand: { [A in ActionName]: (frame: z.output<(typeof actionsClientFrames)[A]>) => Command } = {
  join_chat: ({ chat_id }) => ({ kind: 'join_chat', chatId: chat_id }),
  leave_chat: ({ chat_id }) => ({ kind: 'leave_chat', chatId: chat_id }),
  send_message: ({ chat_id, text, idempotency_key }) => ({
    kind: 'send',
    chatId: chat_id,
    text,
    sentAt: null,
    ...toKey(idempotency_key),
  }),
  message_read: ({ chat_id, message_id }) => ({ kind: 'mark_read', chatId: chat_id, messageId: message_id }),
  typing: ({ chat_id }) => ({ kind: 'type', chatId: chat_id }),
};

const isAction = (action: unknown): action is ActionName =>
  typeof action === 'string' && Object.hasOwn(actionsClientFrames, action);

const parse: Talk['parse'] = (text) =>
  parseFrame(text, (fields) => {
    const { action } = fields;
    if (!isAction(action)) throw new ProtocolError('invalid_request', { message: 'Неизвестное действие' });
    const frame = readFields(actionsClientFrames[action], fields);
    return (toCommand[action] as (frame: unknown) => Command)(frame);
  });

/** The texts that clients of system 003 know. */
const texts = { no_chat: '404: Chat not found', no_message: '404: Message not found' };

type Sender = z.output<typeof actionsPerson>;

function toNewMessage(message: StoredMessage, sender: Sender): string {
  const data: ActionsMessage = {
    id: message.id,
    chat_id: message.chatId,
    sender,
    text: message.text,
    created_at: message.sentAt,
    is_read: false,
    read_at: null,
    idempotency_key: message.clientKey ?? null,
  };
  return JSON.stringify({ event: 'new_message', data });
}

type Encoders = { [K in ServerEvent['kind']]?: (event: Extract<ServerEvent, { kind: K }>) => string };

const createEncoders = (findSender: (userId: string) => Sender): Encoders => ({
  message: ({ message }) => toNewMessage(message, findSender(message.senderId)),
  read: ({ chatId: chat_id, messageId: message_id, userId: user_id, readAt: read_at }) =>
    JSON.stringify({ event: 'message_read', data: { chat_id, message_id, user_id, read_at } }),
  typing: ({ chatId: chat_id, userId }) =>
    JSON.stringify({ event: 'typing', chat_id, user_name: findSender(userId).name }),
  member_removed: ({ chatId: chat_id }) => JSON.stringify({ status: 'left', chat_id }),
  chat_deleted: ({ chatId: chat_id }) => JSON.stringify({ status: 'left', chat_id }),
});

type FindSender = (userId: string) => Sender;

const createDialect = (findSender: FindSender): Dialect => {
  const encoders = createEncoders(findSender);
  return {
    name: 'actions',
    loginWithinMs: limits.sockets.plainLoginWithinMs,
    drainCloseCode: closeCodes.serviceRestart,
    echoes: true,
    needsNames: true,
    encodeEvent: (event) => (encoders[event.kind] as ((event: ServerEvent) => string) | undefined)?.(event),
  };
};

/** One socket's side: what it has joined, and whose it is. */
function createTalk(token: string, findSender: FindSender): Talk {
  const joined = new Set<string>();
  let ownId: string | undefined;
  const outcomes: { [K in Outcome['kind']]?: (outcome: Extract<Outcome, { kind: K }>) => string | undefined } = {
    logged_in: ({ userId }) => void (ownId = userId),
    joined({ chatId: chat_id }) {
      joined.add(chat_id);
      return JSON.stringify({ status: 'joined', chat_id });
    },
    left({ chatId: chat_id }) {
      joined.delete(chat_id);
      return JSON.stringify({ status: 'left', chat_id });
    },
    // What was stored now comes as an event, if the chat is joined.
    sent: ({ message, duplicate }) => (duplicate ? toNewMessage(message, findSender(message.senderId)) : undefined),
  };
  return {
    parse,
    encodeOutcome: (outcome) =>
      (outcomes[outcome.kind] as ((outcome: Outcome) => string | undefined) | undefined)?.(outcome),
    encodeError: (error) => toErrorFrame(error, texts),
    encodeRefusal: (error) =>
      error.retry === 'same'
        ? { code: closeCodes.tryAgainLater, reason: error.message }
        : { code: invalidTokenCode, reason: token === '' ? 'Отсутствует токен' : 'Неверный токен' },
    wants(event) {
      if (!('chatId' in event)) return false;
      if (event.kind === 'member_removed') return event.userId === ownId && joined.delete(event.chatId);
      if (event.kind === 'chat_deleted') return joined.delete(event.chatId);
      return joined.has(event.chatId) && !(event.kind === 'typing' && event.userId === ownId);
    },
  };
}

/** The way in at `/ws?token=` and `/api/v1/ws`. Without a token, `/ws` is another dialect's. */
export function createActionsEntrance(names: Names): (url: URL) => Entrance | undefined {
  const findSender: FindSender = (id) => {
    const { name = '', email = null } = names.find(id) ?? {};
    return { id, name, email };
  };
  const dialect = createDialect(findSender);
  return ({ pathname, searchParams }) => {
    const token = searchParams.get('token');
    const isOwn = /^\/api\/v1\/ws\/?$/.test(pathname) || (/^\/ws\/?$/.test(pathname) && token !== null);
    if (!isOwn) return undefined;
    return {
      dialect,
      talk: createTalk(token ?? '', findSender),
      token: token ?? '',
      refusesBy: 'socket',
      // A retry is answered with the sender's name, which no event may have asked for yet.
      welcome: ({ speaker }) => names.load(speaker ? [speaker.userId] : []),
    };
  };
}
