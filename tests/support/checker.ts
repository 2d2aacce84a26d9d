/**
 * Compares what clients saw with what is stored at the end. It knows the guarantees and the wire, and imports nothing of
 * the server: a mistake there cannot be repeated here.
 */
import type { LiveMessage, SocketTrace, Trace } from './trace.ts';

export interface StoredMessage extends LiveMessage {
  clientId: string;
}

export interface StoredMember {
  chatId: string;
  userId: string;
  readSeq: number;
  leftSeq: number | null;
}

/** What a member gets over HTTP. */
export interface MemberView {
  chatId: string;
  userId: string;
  history: { seq: number; id: string; senderId: string; text: string; seen: boolean }[];
  readSeq: number;
  unread: number;
}

export interface FinalState {
  /** By SQL, ascending by chat and seq. */
  messages: StoredMessage[];
  members: StoredMember[];
  lastSeqs: Map<string, number>;
  views: MemberView[];
}

const placeOf = ({ chatId, seq }: { chatId: string; seq: number }): string => `${chatId} ${seq}`;

/** Every breach of a guarantee, as a sentence that begins with its name; none when all hold. */
export function findBreaches(trace: Trace, final: FinalState): string[] {
  return [
    ...trace.surprises.map((surprise) => `unexpected: ${surprise}`),
    ...checkAcks(trace, final),
    ...checkNumbers(final),
    ...checkViews(final),
    ...trace.sockets.flatMap((socket) => [...checkReplies(socket), ...checkLive(socket, final)]),
    ...checkLeavers(final),
    ...checkSeen(trace, final),
  ];
}

/** G1 and G2: what was acknowledged is stored once, under the id and number that every ack named. */
function* checkAcks(trace: Trace, { messages }: FinalState): Generator<string> {
  const stored = new Map<string, StoredMessage[]>();
  for (const message of messages) stored.set(message.clientId, [...(stored.get(message.clientId) ?? []), message]);
  for (const [clientId, copies] of stored) {
    if (copies.length > 1) yield `G2: ${clientId} is stored ${copies.length} times`;
    const intent = trace.intents.get(clientId);
    const [copy] = copies;
    if (intent && (copy!.text !== intent.text || copy!.senderId !== intent.senderId || copy!.chatId !== intent.chatId))
      yield `G1: ${clientId} is stored as something else`;
  }
  for (const { device, replies } of trace.sockets) {
    for (const { clientId, id, seq } of replies) {
      if (id === undefined) continue;
      const [copy] = stored.get(clientId) ?? [];
      if (!copy) yield `G1: ${clientId} was acknowledged to ${device} and is not stored`;
      else if (copy.id !== id || copy.seq !== seq)
        yield `G2: ${clientId} was acknowledged as ${id} (${seq}) and is stored as ${copy.id} (${copy.seq})`;
    }
  }
}

/** G3: 1, 2, 3 … without holes, and the chat knows its last. */
function* checkNumbers({ messages, lastSeqs }: FinalState): Generator<string> {
  const counts = new Map<string, number>();
  for (const { chatId, seq } of messages) {
    const expected = (counts.get(chatId) ?? 0) + 1;
    if (seq !== expected) yield `G3: chat ${chatId} has ${seq} where ${expected} should be`;
    counts.set(chatId, seq);
  }
  for (const [chatId, lastSeq] of lastSeqs)
    if ((counts.get(chatId) ?? 0) !== lastSeq)
      yield `G3: chat ${chatId} ends at ${counts.get(chatId)} and says ${lastSeq}`;
}

/** G3 and G6: each member is shown the same history, and an unread count that follows from it. */
function* checkViews({ messages, views, members }: FinalState): Generator<string> {
  for (const { chatId, userId, history, readSeq, unread } of views) {
    const rows = messages.filter((message) => message.chatId === chatId);
    const isSame = (i: number): boolean =>
      history[i]!.seq === rows[i]!.seq && history[i]!.id === rows[i]!.id && history[i]!.text === rows[i]!.text;
    if (history.length !== rows.length || !rows.every((_row, i) => isSame(i)))
      yield `G3: the history of chat ${chatId} for ${userId} is not what is stored`;
    const counted = rows.filter((row) => row.seq > readSeq && row.senderId !== userId).length;
    if (counted !== unread) yield `G6: ${userId} has ${counted} unread in ${chatId} and is told ${unread}`;
    const others = members.filter((member) => member.chatId === chatId && member.leftSeq === null);
    for (const row of history) {
      const isSeen = others.every((member) => member.userId === row.senderId || member.readSeq >= row.seq);
      if (isSeen !== row.seen) yield `G6: message ${row.seq} of ${chatId} is ${row.seen ? '' : 'not '}shown as seen`;
    }
  }
}

/** G4: replies come in the order of the frames, one for each. */
function* checkReplies({ device, sent, replies, open }: SocketTrace): Generator<string> {
  for (const [i, reply] of replies.entries())
    if (reply.clientId !== sent[i]) {
      yield `G4: ${device} got the reply to ${reply.clientId} where that to ${sent[i]} was due`;
      return;
    }
  if (open && replies.length < sent.length) yield `G4: ${device} waits for ${sent.length - replies.length} replies`;
}

/** G3: what a socket hears is what is stored, ascending; between its first and its last nothing is missing. */
function* checkLive(
  { device, userId, live, replies, sent, open }: SocketTrace,
  { messages }: FinalState,
): Generator<string> {
  const stored = new Map(messages.map((message) => [placeOf(message), message]));
  const acked = new Set(replies.map((reply) => reply.id));
  const lastOf = new Map<string, number>();
  for (const message of live) {
    const { chatId, seq, id } = message;
    const row = stored.get(placeOf(message));
    if (row?.id !== id || row.text !== message.text || row.senderId !== message.senderId)
      yield `G3: ${device} heard ${id} as ${seq} of ${chatId}, which is ${row?.id ?? 'not stored'}`;
    const last = lastOf.get(chatId);
    if (last !== undefined && seq <= last) yield `G3: ${device} heard ${seq} of ${chatId} after ${last}`;
    for (let missed = (last ?? seq) + 1; missed < seq; missed++) {
      const gap = stored.get(placeOf({ chatId, seq: missed }));
      // What a socket sends itself is acknowledged to it instead; the ack may have waited for an earlier one at a break.
      const isAcked = gap?.senderId === userId && (acked.has(gap.id) || (!open && sent.includes(gap.clientId)));
      if (gap && !isAcked) yield `G3: ${device} heard ${seq} of ${chatId} and never ${missed}`;
    }
    lastOf.set(chatId, Math.max(seq, last ?? 0));
  }
}

/** A person who left has written nothing since. */
function* checkLeavers({ messages, members }: FinalState): Generator<string> {
  for (const { chatId, userId, leftSeq } of members) {
    if (leftSeq === null) continue;
    const late = messages.find((m) => m.chatId === chatId && m.senderId === userId && m.seq > leftSeq);
    if (late) yield `G8: ${userId} left ${chatId} at ${leftSeq} and wrote ${late.seq}`;
  }
}

/** G7: no device is told twice of a message, and only of its own person's messages that all have read. */
function* checkSeen({ sockets }: Trace, { messages, views }: FinalState): Generator<string> {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const seen = new Set(views.flatMap(({ history }) => history.filter((row) => row.seen).map((row) => row.id)));
  const told = new Set<string>();
  for (const socket of sockets) {
    for (const id of socket.seen) {
      const key = `${socket.device} ${id}`;
      if (told.has(key)) yield `G7: ${socket.device} was told twice that ${id} was seen`;
      told.add(key);
      if (byId.get(id)?.senderId !== socket.userId)
        yield `G7: ${socket.device} was told of the message ${id} of another`;
      if (views.length > 0 && !seen.has(id)) yield `G7: ${socket.device} was told of ${id}, which not all have read`;
    }
  }
}
