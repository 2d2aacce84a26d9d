import { randomUUID } from 'node:crypto';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Connection, Speaker } from './connection.ts';
import type { Command, Draft, Login, Outcome, Recipient, Reference } from './dialect.ts';
import type { StoredMessage } from './events.ts';

/** Who acts: a person by one of their sessions. */
interface Actor {
  sessionId: string;
  userId: string;
}

/** A message on its way, with the connection that gets the ack. */
export interface SocketSend extends Omit<Draft, 'text'> {
  /** Absent of a forward. */
  text: string | undefined;
  sessionId: string;
  senderId: string;
  chatId: string;
  clientId: string;
  sentAt: string | null;
  origin: object;
}

/** The commands of the slices, as the socket calls them. Each checks session and membership inside the call that acts. */
export interface Commands {
  /** Says itself that it succeeded, before anything else can be said to the new person. */
  logIn(connection: Connection, login: Login, reference: Reference): Promise<void>;
  send(message: SocketSend): Promise<{ id: string; seq: number; version: number; sentAt: string; duplicate: boolean }>;
  /** The direct chat with a person, made when there is none. */
  openDirect(actor: Actor & { to: Recipient }): Promise<{ chatId: string; otherId: string }>;
  /** Whether the other one of a direct chat has no socket open anywhere. Of who is blocked nobody learns it. */
  isAway(direct: { chatId: string; otherId: string }): Promise<boolean>;
  createGroup(group: Actor & { name: string; users: string[] }): Promise<unknown>;
  markMessage(mark: Actor & { messageId: string; chatId: string | undefined }): Promise<unknown>;
  /** Throws `no_chat` for everybody who is no member. */
  requireMember(actor: Actor & { chatId: string }): Promise<void>;
  type(actor: Actor & { chatId: string }): Promise<void>;
  sayInLobby(actor: Actor & { text: string }): Promise<void>;
}

type Kind = Command['kind'];
type Carry<K extends Kind> = (
  command: Extract<Command, { kind: K }>,
  connection: Connection,
  reference: Reference,
) => Promise<Outcome>;
type Dispatch = (connection: Connection, command: Command, reference: Reference) => Promise<Outcome>;

function requireSpeaker(connection: Connection): Speaker {
  if (!connection.speaker) throw new ProtocolError('not_authenticated', { message: 'access denied' });
  return connection.speaker;
}

/** From a command to what carries it out, one entry for each kind. */
export function createDispatch(commands: Commands): Dispatch {
  const send = async (
    draft: Draft & { chatId: string; sentAt: string | null },
    connection: Connection,
  ): Promise<Outcome> => {
    const { userId: senderId, sessionId } = requireSpeaker(connection);
    const { chatId, text, sentAt, clientId = randomUUID(), clientKey, replyTo, mentions, forward, after } = draft;
    const beside = { replyTo, mentions, forward, after };
    const sent = await commands.send({
      sessionId,
      senderId,
      chatId,
      clientId,
      clientKey,
      text: forward ? undefined : text,
      sentAt,
      ...beside,
      origin: connection,
    });
    const message: StoredMessage = {
      id: sent.id,
      seq: sent.seq,
      senderId,
      chatId,
      text,
      sentAt: sent.sentAt,
      clientKey,
    };
    return { kind: 'sent', clientId, message, version: sent.version, duplicate: sent.duplicate };
  };

  const table: { [K in Kind]: Carry<K> } = {
    async log_in({ login }, connection, reference) {
      await commands.logIn(connection, login, reference);
      return { kind: 'greeted' };
    },
    async ask({ answer }, connection) {
      const { userId, sessionId } = requireSpeaker(connection);
      return { kind: 'answered', text: await answer({ userId, sessionId, connection }) };
    },
    ping: () => Promise.resolve({ kind: 'pong' }),
    async send(command, connection) {
      const { userId } = requireSpeaker(connection);
      if (command.senderId !== undefined && command.senderId !== userId) throw new ProtocolError('sender_mismatch');
      return send(command, connection);
    },
    async send_to({ to, ...draft }, connection) {
      const direct = await commands.openDirect({ ...requireSpeaker(connection), to });
      const { talk } = connection;
      if (talk.encodeAway && (await commands.isAway(direct))) connection.sayText(talk.encodeAway(to));
      return send({ ...draft, chatId: direct.chatId, sentAt: null }, connection);
    },
    async create_group({ name, userIds }, connection) {
      const { userId, sessionId } = requireSpeaker(connection);
      if (new Set(userIds).size < userIds.length)
        throw new ProtocolError('invalid_request', {
          mistakes: [{ type: 'value_error', loc: ['frame', 'group', 'users'], msg: 'A person is listed twice' }],
        });
      await commands.createGroup({ sessionId, userId, name, users: userIds });
      return { kind: 'done' };
    },
    async mark_read({ messageId, chatId }, connection) {
      const { userId, sessionId } = requireSpeaker(connection);
      await commands.markMessage({ sessionId, userId, messageId, chatId });
      return { kind: 'done' };
    },
    async join_chat({ chatId }, connection) {
      await commands.requireMember({ ...requireSpeaker(connection), chatId });
      return { kind: 'joined', chatId };
    },
    leave_chat: ({ chatId }) => Promise.resolve({ kind: 'left', chatId }),
    async type({ chatId }, connection) {
      await commands.type({ ...requireSpeaker(connection), chatId });
      return { kind: 'done' };
    },
    async say_in_lobby({ text }, connection) {
      await commands.sayInLobby({ ...requireSpeaker(connection), text });
      return { kind: 'done' };
    },
  };
  return (connection, command, reference) => (table[command.kind] as Carry<Kind>)(command, connection, reference);
}
