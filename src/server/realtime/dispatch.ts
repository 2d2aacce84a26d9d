import { ProtocolError } from '../../protocol/errors.ts';
import type { Connection, Speaker } from './connection.ts';
import type { Command, Outcome } from './dialect.ts';

/** The commands of the slices, as the socket calls them. Each checks session and membership inside the call that acts. */
export interface Commands {
  /** Says itself that it succeeded, before anything else can be said to the new person. */
  logIn(connection: Connection, login: { identifier: string; password: string }): Promise<void>;
  send(message: {
    sessionId: string;
    senderId: string;
    chatId: string;
    clientId: string;
    text: string;
    sentAt: string | null;
    origin: object;
  }): Promise<{ id: string; seq: number }>;
  createGroup(group: { sessionId: string; userId: string; name: string; users: string[] }): Promise<unknown>;
  markMessage(mark: { sessionId: string; userId: string; messageId: string }): Promise<unknown>;
}

type Kind = Command['kind'];
type Carry<K extends Kind> = (command: Extract<Command, { kind: K }>, connection: Connection) => Promise<Outcome>;

function requireSpeaker(connection: Connection): Speaker {
  if (!connection.speaker) throw new ProtocolError('not_authenticated', { message: 'access denied' });
  return connection.speaker;
}

/** From a command to what carries it out, one entry for each kind. */
export function createDispatch(commands: Commands): (connection: Connection, command: Command) => Promise<Outcome> {
  const table: { [K in Kind]: Carry<K> } = {
    async log_in(login, connection) {
      await commands.logIn(connection, login);
      return { kind: 'done' };
    },
    async send({ clientId, senderId, chatId, text, sentAt }, connection) {
      const { userId, sessionId } = requireSpeaker(connection);
      if (senderId !== userId) throw new ProtocolError('sender_mismatch');
      const { id, seq } = await commands.send({
        sessionId,
        senderId,
        chatId,
        clientId,
        text,
        sentAt,
        origin: connection,
      });
      return { kind: 'sent', clientId, id, seq };
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
    async mark_read({ messageId }, connection) {
      const { userId, sessionId } = requireSpeaker(connection);
      await commands.markMessage({ sessionId, userId, messageId });
      return { kind: 'done' };
    },
  };
  return (connection, command) => (table[command.kind] as Carry<Kind>)(command, connection);
}
