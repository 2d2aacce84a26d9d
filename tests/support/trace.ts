/** What clients saw, for the checker: written down as it came over the wire, in the order in which it came. */

export interface Person {
  id: string;
  token: string;
}

/** A message as somebody wanted it sent. */
export interface Intent {
  senderId: string;
  chatId: string;
  clientId: string;
  text: string;
}

export interface Reply {
  clientId: string;
  /** Of an ack. */
  id?: string;
  seq?: number;
  /** Of an error. */
  code?: string;
}

export interface LiveMessage {
  chatId: string;
  seq: number;
  id: string;
  senderId: string;
  text: string;
}

/** One socket from its login to its end. */
export interface SocketTrace {
  /** Successive sockets of one device have one name. */
  device: string;
  userId: string;
  /** The client_ids of message frames, in the order sent. */
  sent: string[];
  /** Their replies, in the order received. */
  replies: Reply[];
  live: LiveMessage[];
  /** Ids of messages announced as seen by all. */
  seen: string[];
  /** Open when the run ended. */
  open: boolean;
}

export interface Trace {
  intents: Map<string, Intent>;
  sockets: SocketTrace[];
  /** Replies and frames that no client should get. */
  surprises: string[];
}

export const createTrace = (): Trace => ({ intents: new Map(), sockets: [], surprises: [] });
