/**
 * The order that senders ask for by `after`, within one call of `send_messages`.
 *
 * Promise: a message is stored only if the one that its `after` names is stored, before it or by the same call.
 * The database looks at what was stored before the call, so within a call a message takes over what the one before it waits
 * for: if that is there, both are stored. It holds because all else that may be refused is equal for both: chat, person and
 * session are. What is not equal is no reason to take over (a forward whose source is not to be had) or is handed on (the
 * message that is answered must exist). A client_id in conflict names a stored message.
 */
export interface Ordered {
  chatId: string;
  senderId: string;
  sessionId: string;
  clientId: string;
  /** The client_id of the sender's message before. */
  after?: string | null | undefined;
  replyTo?: number | null | undefined;
  /** Undefined: of a forward whose source is not to be had. */
  text?: string | undefined;
}

/** What has to be in the chat before the call. */
export interface Need {
  clientId: string | null;
  /** A message of at least this number. */
  seq: number | null;
}

/** What each row of a call needs. Made anew for each call: a batch may be halved. */
export function toNeeds(rows: readonly Ordered[]): Need[] {
  const places = new Map<string, number>();
  const needs: Need[] = [];
  rows.forEach((row, i) => {
    const place = row.after ? places.get(keyOf(row, row.after)) : undefined;
    const before = place === undefined || !isAlike(rows[place]!, row) ? undefined : needs[place];
    const clientId = before ? before.clientId : (row.after ?? null);
    const seq = Math.max(before?.seq ?? 0, row.replyTo ?? 0);
    needs.push({ clientId, seq: seq === 0 ? null : seq });
    places.set(keyOf(row, row.clientId), i);
  });
  return needs;
}

const keyOf = ({ chatId, senderId }: Ordered, clientId: string): string => `${chatId}${senderId}${clientId}`;

/** Whether two rows of one sender in one chat, of which the second comes after the first, are refused for the same reasons. */
const isAlike = (earlier: Ordered, row: Ordered): boolean =>
  earlier.sessionId === row.sessionId && earlier.text !== undefined;
