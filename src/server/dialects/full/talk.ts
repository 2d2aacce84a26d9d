import { closeCodes } from '../../../protocol/close-codes.ts';
import { ProtocolError, type Mistake } from '../../../protocol/errors.ts';
import {
  fullClientFrames,
  ref as refSchema,
  type FullClientFrame,
  type FullClientType,
  type FullServerFrame,
} from '../../../protocol/full.ts';
import { limits } from '../../../protocol/limits.ts';
import { toMistakes } from '../../../protocol/mistakes.ts';
import { wireVersion } from '../../../protocol/version.ts';
import { parseJson } from '../../http/json-shape.ts';
import type { Command, Login, Outcome, ParsedFrame, Reference, Talk } from '../../realtime/dialect.ts';
import { toCloseCode } from '../close-code.ts';
import { toAnswer, toAnswerText } from './answers.ts';
import { asks, isTold, type AskType, type CoreType, type FullParts } from './asks.ts';
import { getNewcomer } from './queries.ts';

type Fields = Record<string, unknown>;

/** Frames that a socket may say before its login. */
const forStrangers: ReadonlySet<string> = new Set(['login', 'ping'] satisfies FullClientType[]);

const isType = (type: unknown): type is FullClientType =>
  typeof type === 'string' && Object.hasOwn(fullClientFrames, type);
const isAsk = (type: FullClientType): type is AskType => Object.hasOwn(asks, type);

/** What a reply repeats; only what may be repeated. */
function toReference(fields: Fields): Reference {
  const reference: Reference = {};
  const ref = refSchema.safeParse(fields['ref']);
  if (ref.success) reference['ref'] = ref.data;
  const { client_id: clientId } = fields;
  if (fields['type'] === 'send' && typeof clientId === 'string' && clientId.length <= 36)
    reference['client_id'] = clientId;
  return reference;
}

const toLogin = ({ token, identifier, password }: FullClientFrame<'login'>): Login =>
  token === undefined ? { identifier: identifier!, password: password! } : { token };

const toCommand: { [T in CoreType]: (frame: FullClientFrame<T>) => Command } = {
  login: (frame) => ({ kind: 'log_in', login: toLogin(frame) }),
  ping: () => ({ kind: 'ping' }),
  send: ({ chat_id, client_id, text, timestamp, reply_to, mentions, forward, after }) => ({
    kind: 'send',
    chatId: chat_id,
    clientId: client_id,
    text: text ?? '',
    sentAt: timestamp ?? null,
    replyTo: reply_to ?? undefined,
    mentions: mentions ?? undefined,
    forward: forward ? { chatId: forward.chat_id, seq: forward.seq } : undefined,
    after: after ?? undefined,
  }),
  typing: ({ chat_id }) => ({ kind: 'type', chatId: chat_id }),
};

function readType(frame: unknown): { fields: Fields; type: FullClientType } | Mistake {
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame))
    return { type: 'object_type', loc: ['frame'], msg: 'Input should be an object' };
  const { type } = frame as Fields;
  if (isType(type)) return { fields: frame as Fields, type };
  return type === undefined
    ? { type: 'missing', loc: ['frame', 'type'], msg: 'Field required' }
    : { type: 'unknown_type', loc: ['frame', 'type'], msg: 'There is no frame of this type' };
}

/** Where a frame goes on its way: a command, or what is wrong with it. */
function readFrame(frame: unknown, parts: FullParts, reference: Reference): Command | ProtocolError {
  const read = readType(frame);
  if (!('fields' in read)) return new ProtocolError('invalid_request', { mistakes: [read] });
  const { fields, type } = read;
  const result = fullClientFrames[type].safeParse(fields, { reportInput: true });
  if (!result.success)
    return new ProtocolError('invalid_request', { mistakes: toMistakes(result.error, ['frame', type]) });
  if (!isAsk(type)) return (toCommand[type] as (frame: unknown) => Command)(result.data);
  const ask = asks[type] as (parts: FullParts, asker: unknown, frame: unknown) => ReturnType<(typeof asks)['sync']>;
  return {
    kind: 'ask',
    isTold: isTold(type),
    answer: async (asker) => toAnswerText(await ask(parts, asker, result.data), reference),
  };
}

function parse(text: string, parts: FullParts): ParsedFrame {
  let frame: unknown;
  try {
    frame = parseJson(text);
  } catch (error) {
    return { error: error as ProtocolError, reference: {} };
  }
  const fields = typeof frame === 'object' && frame !== null ? (frame as Fields) : {};
  const reference = toReference(fields);
  const read = readFrame(frame, parts, reference);
  if (!(read instanceof ProtocolError)) return { command: read, reference };
  if (forStrangers.has(String(fields['type']))) return { error: read, reference };
  // What is wrong with other frames is told after a login only.
  return { command: { kind: 'ask', answer: () => Promise.reject(read) }, reference };
}

const shownLimits: FullServerFrame<'ready'>['limits'] = {
  max_text_code_points: limits.message.maxCodePoints,
  max_text_bytes: limits.message.maxBytes,
  max_frame_bytes: limits.json.maxBytes,
  max_mentions: limits.message.maxMentions,
  max_watched: limits.presence.maxWatched,
  max_members: limits.counts.membersPerGroup,
  max_page_rows: limits.page.maxRows,
  max_sync_rows: limits.sync.maxRows,
  sends_per_second: limits.rates.sends.perSecond,
  sends_burst: limits.rates.sends.burst,
};

async function readGreeting({ sql }: FullParts, who: { userId: string; sessionId: string }): Promise<string> {
  return toAnswer('ready', {
    ...(await getNewcomer(sql, who)),
    session_id: who.sessionId,
    protocol: wireVersion,
    heartbeat_ms: limits.sockets.pingEveryMs,
    limits: shownLimits,
  }).fields;
}

const encoders: {
  [K in Outcome['kind']]?: (outcome: Extract<Outcome, { kind: K }>, reference: Reference) => string;
} = {
  logged_in: ({ greeting }, reference) => toAnswerText({ type: 'ready', fields: greeting! }, reference),
  answered: ({ text }) => text,
  pong: (_outcome, reference) => toAnswerText(toAnswer('pong', {}), reference),
  done: (_outcome, reference) => toAnswerText(toAnswer('done', {}), reference),
  sent: ({ clientId: client_id, message, version, duplicate }, reference) => {
    const { chatId: chat_id, id, seq, sentAt: timestamp } = message;
    return toAnswerText(toAnswer('ack', { chat_id, client_id, id, seq, version, timestamp, duplicate }), reference);
  },
};

function encodeError(error: ProtocolError, { ref, client_id }: Reference): string {
  const frame: FullServerFrame<'error'> = {
    type: 'error',
    ...(ref !== undefined && { ref }),
    code: error.code,
    message: error.message,
    retry: error.retry,
    ...(error.afterMs !== undefined && { after_ms: error.afterMs }),
    ...(error.mistakes && { mistakes: error.mistakes }),
    ...(client_id !== undefined && { client_id: String(client_id) }),
  };
  return JSON.stringify(frame);
}

/** A socket's side remembers nothing, so all share one. */
export const createTalk = (parts: FullParts): Talk => ({
  parse: (text) => parse(text, parts),
  readGreeting: (who) => readGreeting(parts, who),
  encodeOutcome: (outcome, reference) =>
    (encoders[outcome.kind] as ((outcome: Outcome, reference: Reference) => string) | undefined)?.(outcome, reference),
  encodeError,
  encodeRefusal: (error) => ({
    text: encodeError(error, {}),
    code:
      error.code === 'session_revoked' ? closeCodes.sessionRevoked : toCloseCode(error, closeCodes.notAuthenticated),
    reason: error.message,
  }),
});
