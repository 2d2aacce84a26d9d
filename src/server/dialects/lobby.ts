/**
 * The lobby dialect, for clients of system 001: lines of text. What is said goes to everybody in the lobby and is kept
 * nowhere; `/pm user text` is a message of the direct chat, and messages that reach it by other dialects look the same here.
 *
 * At connecting the last received private messages come first, each once. The socket hears of its chats before they are
 * read, so nothing falls in between: what happens meanwhile waits, and what was read is not told again, however late its
 * event arrives.
 */
import { closeCodes } from '../../protocol/close-codes.ts';
import type { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Sql } from '../db/client.ts';
import type { Connection } from '../realtime/connection.ts';
import type { Dialect, Recipient, Talk } from '../realtime/dialect.ts';
import type { ChatContext, ServerEvent } from '../realtime/events.ts';
import type { Entrance } from '../realtime/gateway.ts';
import { toShortName, type Names } from '../users/names.ts';
import { toCloseCode } from './close-code.ts';
import { parseLine } from './lobby-commands.ts';
import { listLastReceived } from './lobby-queries.ts';
import { toAwayLine, toErrorLine, toLobbyLine, toPrivateLine } from './lobby-words.ts';

export interface LobbyOptions {
  sql: Sql;
  names: Names;
}

const createDialect = (nameOf: (userId: string) => string): Dialect => ({
  name: 'lobby',
  loginWithinMs: limits.sockets.tokenLoginWithinMs,
  drainCloseCode: closeCodes.serviceRestart,
  echoes: true,
  needsNames: true,
  encodeEvent(event, { pair }) {
    if (event.kind === 'lobby') return toLobbyLine(event.saidAt, nameOf(event.userId), event.text);
    if (event.kind !== 'message' || !pair) return undefined;
    const { senderId, sentAt, text } = event.message;
    const receiverId = pair[0] === senderId ? pair[1] : pair[0];
    return toPrivateLine({ sentAt, text, sender: nameOf(senderId), receiver: nameOf(receiverId) });
  },
});

/** One socket's side: it holds events back until it has been told what happened before. */
class LobbyTalk implements Talk {
  readonly parse = parseLine;
  readonly encodeError = toErrorLine;
  #held: { event: ServerEvent; chat: ChatContext }[] | undefined = [];
  /** Of messages that were told from the database and may still arrive as events. */
  readonly #told = new Set<string>();

  /** What succeeds shows as an event. */
  encodeOutcome(): undefined {
    return undefined;
  }

  encodeAway(to: Recipient): string {
    return toAwayLine('username' in to ? to.username : 'email' in to ? to.email : to.id);
  }

  encodeRefusal(error: ProtocolError) {
    return {
      text: toErrorLine(error, {}),
      code: toCloseCode(error),
      reason: error.message,
    };
  }

  wants(event: ServerEvent, chat: ChatContext): boolean {
    if (event.kind === 'message' && this.#told.delete(event.message.id)) return false;
    this.#held?.push({ event, chat });
    return !this.#held;
  }

  /** From now on events are told; answers those that waited and are not among the told ones. */
  release(toldIds: Iterable<string>): { event: ServerEvent; chat: ChatContext }[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const id of toldIds) this.#told.add(id);
    return held.filter(({ event, chat }) => this.wants(event, chat));
  }
}

const isAddress = (pathname: string): boolean => pathname === '/messenger/ws/' || pathname === '/messenger/ws';

/** The way in at `/messenger/ws/?token=`. */
export function createLobbyEntrance({ sql, names }: LobbyOptions): (url: URL) => Entrance | undefined {
  const nameOf = (userId: string): string => {
    const name = names.find(userId);
    return name ? toShortName(name) : '…';
  };
  const dialect = createDialect(nameOf);

  const welcome = async (connection: Connection, talk: LobbyTalk): Promise<void> => {
    const { speaker } = connection;
    if (!speaker) return;
    const messages = await listLastReceived(sql, speaker);
    await names.load([speaker.userId, ...messages.map(({ senderId }) => senderId)]);
    const receiver = nameOf(speaker.userId);
    for (const { text, sentAt, senderId } of messages)
      connection.sayText(toPrivateLine({ sentAt, text, sender: nameOf(senderId), receiver }));
    for (const { event, chat } of talk.release(messages.map(({ id }) => id))) {
      const text = dialect.encodeEvent(event, chat);
      if (text !== undefined) connection.sayText(text);
    }
  };

  return ({ pathname, searchParams }) => {
    if (!isAddress(pathname)) return undefined;
    const talk = new LobbyTalk();
    return {
      dialect,
      talk,
      token: searchParams.get('token') ?? '',
      welcome: (connection) => welcome(connection, talk),
    };
  };
}
