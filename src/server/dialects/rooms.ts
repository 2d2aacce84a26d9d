/**
 * The sockets of system 004: one for a chat, where a frame is a text for it, and one for all chats of a person, which only
 * hears. What every socket of a kind hears is the same, so there is a dialect for each.
 */
import { closeCodes } from '../../protocol/close-codes.ts';
import { ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { toUuid } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { roomsClientFrames } from '../../protocol/rooms.ts';
import { requireMember } from '../chats/policy.ts';
import type { Sql } from '../db/client.ts';
import type { Dialect, ParsedFrame, Talk } from '../realtime/dialect.ts';
import type { ServerEvent, StoredMessage } from '../realtime/events.ts';
import type { Entrance } from '../realtime/gateway.ts';
import type { Names } from '../users/names.ts';
import { toCloseCode } from './close-code.ts';
import { parseFrame, readFields, toErrorFrame } from './russian-frames.ts';

/** The texts that clients of system 004 know. */
const invalidToken = 'Недействительный токен';
const foreignChat = 'Чат не найден или доступ запрещен';
const texts: Partial<Record<ErrorCode, string>> = { no_chat: foreignChat };
const textsOfRefusals = { ...texts, not_authenticated: invalidToken, session_revoked: invalidToken };

/** `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, which the clients read as a time without an offset. */
function toNaive(instant: string): string {
  const [seconds = '', fraction = ''] = instant.slice(0, -1).replace('T', ' ').split('.');
  return `${seconds}.${fraction.padEnd(6, '0')}`;
}

const toData = (message: StoredMessage, senderName: string) => ({
  id: message.id,
  sender_id: message.senderId,
  sender_name: senderName,
  text: message.text,
  timestamp: toNaive(message.sentAt),
  is_read: false,
});

const settings = {
  loginWithinMs: limits.sockets.plainLoginWithinMs,
  drainCloseCode: closeCodes.serviceRestart,
  echoes: true,
  needsNames: true,
};

const createDialects = (names: Names): { chat: Dialect; person: Dialect } => {
  const encode = (message: StoredMessage, more?: { chat_id: string }): string =>
    JSON.stringify({
      type: 'message',
      data: { ...toData(message, names.find(message.senderId)?.name ?? ''), ...more },
    });
  const goodbye = JSON.stringify({ error: foreignChat });
  return {
    chat: {
      ...settings,
      name: 'rooms-chat',
      encodeEvent(event) {
        if (event.kind === 'message') return encode(event.message);
        return event.kind === 'member_removed' || event.kind === 'chat_deleted' ? goodbye : undefined;
      },
    },
    person: {
      ...settings,
      name: 'rooms-user',
      encodeEvent: (event) => (event.kind === 'message' ? encode(event.message, { chat_id: event.chatId }) : undefined),
    },
  };
};

const parse = (chatId: string, frame: string): ParsedFrame =>
  parseFrame(frame, (fields) => {
    const { text } = readFields(roomsClientFrames.message, fields);
    return { kind: 'send', chatId, text, sentAt: null };
  });

const encodeRefusal: Talk['encodeRefusal'] = (error) => ({
  text: toErrorFrame(error, textsOfRefusals),
  code: toCloseCode(error),
  reason: '',
});

/** What a person's socket says is ignored. */
const personTalk: Talk = {
  parse: () => ({ error: new ProtocolError('not_found'), reference: {} }),
  encodeOutcome: (outcome) =>
    outcome.kind === 'logged_in' ? JSON.stringify({ status: 'connected', user_id: outcome.userId }) : undefined,
  encodeError: () => undefined,
  encodeRefusal,
};

/** A socket of one chat; `close` is called when its person is no member any more. */
function createChatTalk(chatId: string, close: () => void): Talk {
  let ownId: string | undefined;
  const isGone = (event: ServerEvent): boolean =>
    event.kind === 'chat_deleted' || (event.kind === 'member_removed' && event.userId === ownId);
  return {
    parse: (text) => parse(chatId, text),
    encodeOutcome(outcome) {
      if (outcome.kind !== 'logged_in') return undefined;
      ownId = outcome.userId;
      return JSON.stringify({ status: 'connected', user_id: ownId, chat_id: chatId });
    },
    encodeError: (error) => toErrorFrame(error, texts),
    encodeRefusal,
    wants(event) {
      if (!('chatId' in event) || event.chatId !== chatId) return false;
      if (event.kind === 'message') return true;
      if (!isGone(event)) return false;
      // After this turn, in which the reason is still said.
      queueMicrotask(close);
      return true;
    },
  };
}

/** The ways in at `/ws/user` and `/ws/:chatId`. */
export function createRoomsEntrance({ sql, names }: { sql: Sql; names: Names }): (url: URL) => Entrance | undefined {
  const dialects = createDialects(names);
  const enterChat = (chatId: string, token: string): Entrance => {
    let close = (): void => undefined;
    return {
      dialect: dialects.chat,
      talk: createChatTalk(chatId, () => close()),
      token,
      refusesBy: 'socket',
      admit: async (claimant) => void (await requireMember(sql, { ...claimant, chatId })),
      welcome(connection) {
        close = () => connection.close(closeCodes.policyViolation, '');
        return Promise.resolve();
      },
    };
  };
  return ({ pathname, searchParams }) => {
    const [, place] = /^\/ws\/([^/]+)\/?$/.exec(pathname) ?? [];
    if (place === undefined) return undefined;
    const token = searchParams.get('token');
    const chatId = toUuid(place);
    if (token === null || (place !== 'user' && chatId === undefined)) throw new ProtocolError('access_denied');
    if (chatId !== undefined) return enterChat(chatId, token);
    return { dialect: dialects.person, talk: personTalk, token, refusesBy: 'socket' };
  };
}
