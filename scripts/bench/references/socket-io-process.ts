import { createServer } from 'node:http';
import { createSecretKey } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { and, eq, isNull } from 'drizzle-orm';
import { Server, type Socket } from 'socket.io';
import { createAccessTokens } from '../../../src/server/accounts/access-tokens.ts';
import { memberships } from '../../../src/server/db/schema.ts';
import { answerQuestions, type Questions } from '../support/child.ts';
import { secret } from '../support/world.ts';
import { openReference, type Reference, storeMessage } from './drizzle.ts';

/*
 * A chat server as most are built on Socket.IO 4: a token at the handshake, a room per chat, a Drizzle transaction per
 * message, then the ack and the message to the others of the room. WebSocket only, no compression.
 */

interface Incoming {
  chat_id: string;
  client_id: string;
  text: string;
}

const tokens = createAccessTokens({
  signingKey: createSecretKey(Buffer.from(secret)),
  ttlSeconds: 3_600,
  clock: Date.now,
});

async function joinChats(
  db: Reference['db'],
  socket: Socket,
  userId: string,
  next: (error?: Error) => void,
): Promise<void> {
  const rows = await db
    .select({ chatId: memberships.chatId })
    .from(memberships)
    .where(and(eq(memberships.userId, userId), isNull(memberships.leftSeq)));
  await socket.join(rows.map((row) => row.chatId));
  next();
}

async function send(db: Reference['db'], socket: Socket, message: Incoming & { senderId: string }) {
  const { chat_id, client_id, text, senderId } = message;
  const { id, seq } = await storeMessage(db, { chatId: chat_id, senderId, clientId: client_id, text });
  socket
    .to(chat_id)
    .emit('message', { id, sender_id: senderId, chat_id, timestamp: new Date().toISOString(), text, seq });
  return { client_id, id, seq };
}

function start({ url }: { url: string }): Promise<number> {
  const { db } = openReference(url);
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
  io.use((socket, next) => {
    const claims = tokens.findClaims(String((socket.handshake.auth as { token?: unknown }).token));
    if (!claims) return next(new Error('not authenticated'));
    (socket.data as { userId: string }).userId = claims.userId;
    void joinChats(db, socket, claims.userId, next);
  });
  io.on('connection', (socket) => {
    const { userId: senderId } = socket.data as { userId: string };
    socket.on('message', (message: Incoming, ack: (answer: unknown) => void) => {
      send(db, socket, { ...message, senderId }).then(ack, (error: unknown) => ack({ error: String(error) }));
    });
  });
  return new Promise((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
}

const table = { start } satisfies Questions;
export type SocketIoServer = typeof table;

answerQuestions(table);
