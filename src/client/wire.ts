/** Frames as text and back. What the server says is trusted beyond the keys that the SDK would fall over. */
import type { FullClientType, FullServerFrame, FullServerType } from '../protocol/full.ts';
import { MessengerError } from './errors.ts';

/** What answers a frame; `done` where nothing is said. */
export const answerTypes = {
  login: 'ready',
  ping: 'pong',
  resume: 'changed',
  list_chats: 'chats',
  get_chat: 'chat',
  get_users: 'users',
  sync: 'changes',
  history: 'history',
  list_edits: 'edits',
  list_reads: 'reads',
  list_pins: 'pins',
  send: 'ack',
  open_direct: 'opened',
  create_group: 'opened',
} as const satisfies Partial<Record<FullClientType, FullServerType>>;

type AnswerTypes = typeof answerTypes;
/** The type of the answer to a frame. */
export type AnswerType<T extends FullClientType> = T extends keyof AnswerTypes ? AnswerTypes[T] : 'done';
export type AnswerTo<T extends FullClientType> = FullServerFrame<AnswerType<T>>;

export const answerTypeOf = (type: FullClientType): FullServerType =>
  (answerTypes as Partial<Record<FullClientType, FullServerType>>)[type] ?? 'done';

/** A change of a kind that this SDK does not know yet: it moves the watermark like any other. */
export interface UnknownChange {
  type: 'unknown_change';
  chat_id: string;
  version: number;
  after?: number;
}

export type IncomingFrame = (FullServerFrame & { ref?: unknown }) | UnknownChange;

type Kind = 'string' | 'number' | 'object' | 'array';
const versioned = { chat_id: 'string', version: 'number' } as const;

/** What each frame must have for the SDK not to fall over it. */
const essentials: Record<FullServerType, Record<string, Kind>> = {
  ready: { user: 'object', session_id: 'string', resume: 'string', heartbeat_ms: 'number', limits: 'object' },
  pong: {},
  changed: { resume: 'string', chats: 'array', left: 'array' },
  chats: { rows: 'array' },
  chat: { chat: 'object' },
  users: { rows: 'array' },
  changes: { chat_id: 'string', after: 'number', to: 'number', to_seq: 'number', rows: 'array', own: 'object' },
  history: { ...versioned, first_seq: 'number', last_seq: 'number', rows: 'array' },
  edits: { rows: 'array' },
  reads: { rows: 'array' },
  pins: { rows: 'array' },
  ack: { ...versioned, client_id: 'string', id: 'string', seq: 'number', timestamp: 'string' },
  opened: { chat_id: 'string' },
  done: {},
  error: { code: 'string', message: 'string', retry: 'string' },
  message: { ...versioned, message: 'object' },
  message_changed: { ...versioned, message: 'object' },
  unseen_changed: versioned,
  direct_opened: versioned,
  group_created: versioned,
  members_added: { ...versioned, user_ids: 'array' },
  member_removed: { ...versioned, user_id: 'string' },
  role_changed: { ...versioned, members: 'array' },
  group_changed: { ...versioned, group: 'object' },
  chat_deleted: versioned,
  positions: { chat_id: 'string', rows: 'array' },
  own: { own: 'object' },
  seen: { chat_id: 'string', seq: 'number' },
  typing: { chat_id: 'string', user_id: 'string' },
  presence: { rows: 'array' },
  lag: { chats: 'array' },
  closing: { after_ms: 'number' },
};

const isKind = (value: unknown, kind: Kind): boolean =>
  kind === 'array' ? Array.isArray(value) : kind === 'object' ? isRecord(value) : typeof value === kind;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const refuse = (message: string, cause?: unknown): never => {
  throw new MessengerError('bad_answer', { message, cause, retry: 'never' });
};

function parseJson(text: unknown): Record<string, unknown> {
  if (typeof text !== 'string') return refuse('The server sent what is no text.');
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch (error) {
    return refuse('The server sent what is no JSON.', error);
  }
  return isRecord(frame) ? frame : refuse('The server sent what is no frame.');
}

/**
 * A frame of the server; undefined for a kind that is not known here and has no version, which is how newer servers stay
 * understandable. Error: `bad_answer`.
 */
export function parseFrame(text: unknown): IncomingFrame | undefined {
  const frame = parseJson(text);
  const { type } = frame;
  if (typeof type !== 'string') return refuse('The server sent a frame without a type.');
  if (!Object.hasOwn(essentials, type)) return findUnknownChange(frame);
  for (const [key, kind] of Object.entries(essentials[type as FullServerType]))
    if (!isKind(frame[key], kind)) refuse(`The frame ${type} has no ${key}.`);
  return frame as IncomingFrame;
}

function findUnknownChange(frame: Record<string, unknown>): UnknownChange | undefined {
  const { chat_id: chatId, version, after } = frame;
  if (typeof chatId !== 'string' || typeof version !== 'number') return undefined;
  return { type: 'unknown_change', chat_id: chatId, version, ...(typeof after === 'number' && { after }) };
}

/** A frame as text, without what nobody should read. */
export const toShownText = (frame: Record<string, unknown>): string =>
  JSON.stringify(frame, (key, value: unknown) => (key === 'token' || key === 'password' ? '…' : value));
