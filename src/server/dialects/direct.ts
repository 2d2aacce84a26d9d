/**
 * The direct dialect, for clients of system 000: one socket for the conversation with one person, frames that are texts
 * and nothing else. A socket hears what that person writes in the direct chat, so a text never has to say whose it is.
 */
import { closeCodes } from '../../protocol/close-codes.ts';
import { directErrorMark } from '../../protocol/direct.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { toUuid } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Sql } from '../db/client.ts';
import type { Command, Dialect, Talk } from '../realtime/dialect.ts';
import type { Claimant, Entrance } from '../realtime/gateway.ts';
import { getOther } from '../users/addresses.ts';
import { toCloseCode } from './close-code.ts';
import { findLineMistake } from './text-line.ts';

const direct: Dialect = {
  name: 'direct',
  loginWithinMs: limits.sockets.tokenLoginWithinMs,
  drainCloseCode: closeCodes.serviceRestart,
  echoes: false,
  needsNames: false,
  encodeEvent: (event, { pair }) => (event.kind === 'message' && pair ? event.message.text : undefined),
};

const toErrorLine = ({ message }: ProtocolError): string => `${directErrorMark}${message}`;

interface DirectTalk extends Talk {
  /** The direct chat, once it is known: texts for it need not wait for each other. */
  chatId: string | undefined;
}

function createTalk(receiverId: string): DirectTalk {
  return {
    chatId: undefined,
    parse(text) {
      const mistake = findLineMistake(text);
      if (mistake) return { error: mistake, reference: {} };
      const command: Command =
        this.chatId === undefined
          ? { kind: 'send_to', to: { id: receiverId }, text }
          : { kind: 'send', chatId: this.chatId, text, sentAt: null };
      return { command, reference: {} };
    },
    encodeOutcome(outcome) {
      if (outcome.kind === 'sent') this.chatId = outcome.message.chatId;
      return undefined;
    },
    encodeError: toErrorLine,
    encodeRefusal: (error) => ({
      text: toErrorLine(error),
      code: toCloseCode(error),
      reason: error.message,
    }),
    wants: (event, { pair }) => event.kind === 'message' && pair !== undefined && event.message.senderId === receiverId,
  };
}

/** At a handshake it is the address that names nobody. */
function toUnknown(error: unknown): never {
  throw error instanceof ProtocolError && error.code === 'no_user' ? new ProtocolError('unknown_user') : error;
}

const address = /^\/ws\/([^/]+)\/([^/]+)\/?$/;

/** The way in at `/ws/:receiverId/:token`. */
export const createDirectEntrance =
  ({ sql }: { sql: Sql }) =>
  ({ pathname }: URL): Entrance | undefined => {
    const [, receiver, token] = address.exec(pathname) ?? [];
    if (receiver === undefined || token === undefined) return undefined;
    const receiverId = toUuid(receiver);
    if (receiverId === undefined) throw new ProtocolError('unknown_user');
    const talk = createTalk(receiverId);
    return {
      dialect: direct,
      talk,
      token,
      async admit({ userId }: Claimant) {
        if (userId === receiverId) throw new ProtocolError('not_oneself');
        const { chatId } = await getOther(sql, userId, { id: receiverId }).catch(toUnknown);
        talk.chatId = chatId;
      },
    };
  };
