/**
 * The plain dialect, for wscat and for clients of system 002: frames without a type, recognised by their keys; no
 * greeting. `stringDialect` is the same in the double-encoded form: each frame is a JSON string that holds JSON, and a
 * notification's `detail` is once more a string.
 */
import type { z } from 'zod';
import { ProtocolError, type Mistake } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { toMistakes } from '../../protocol/mistakes.ts';
import { plainClientFrames, type PlainShape } from '../../protocol/plain.ts';
import { closeCodes } from '../../protocol/close-codes.ts';
import { parseJson } from '../http/json-shape.ts';
import type { Command, Dialect, Outcome, ParsedFrame, Reference, Talk } from '../realtime/dialect.ts';
import type { ServerEvent, StoredMessage } from '../realtime/events.ts';
import type { Entrance } from '../realtime/gateway.ts';
import { toCloseCode } from './close-code.ts';

type Fields = Record<string, unknown>;

const shapes = (Object.keys(plainClientFrames) as PlainShape[]).map((name) => ({
  name,
  schema: plainClientFrames[name],
  keys: Object.keys(plainClientFrames[name].shape),
}));

const toCommand: { [S in PlainShape]: (frame: z.output<(typeof plainClientFrames)[S]>) => Command } = {
  login: ({ email, password }) => ({ kind: 'log_in', login: { identifier: email, password } }),
  message: (frame) => ({
    kind: 'send',
    clientId: frame.client_id,
    senderId: frame.sender_id,
    chatId: frame.chat_id,
    text: frame.text,
    sentAt: frame.timestamp,
  }),
  group: ({ name, users }) => ({ kind: 'create_group', name, userIds: users }),
  seen: ({ message_id }) => ({ kind: 'mark_read', messageId: message_id }),
};

/** The ids by which a client finds the frame that an error is about; only what looks like one is repeated. */
function toReference(frame: Fields): Reference {
  const reference: Reference = {};
  for (const key of ['client_id', 'message_id']) {
    const id = frame[key];
    if (typeof id === 'string' && id.length <= 36) reference[key] = id;
  }
  return reference;
}

/** The shape of which most keys are there, among those that are complete; undefined when none is. */
function findShape(frame: Fields): (typeof shapes)[number] | undefined {
  let best: (typeof shapes)[number] | undefined;
  for (const shape of shapes) {
    if ((!best || shape.keys.length > best.keys.length) && shape.keys.every((key) => Object.hasOwn(frame, key)))
      best = shape;
  }
  return best;
}

const missingKeys = (frame: Fields): Mistake[] =>
  shapes.flatMap(({ name, keys }) =>
    keys
      .filter((key) => !Object.hasOwn(frame, key))
      .map((key) => ({ type: 'missing', loc: ['frame', name, key], msg: 'Field required' })),
  );

function parse(text: string): ParsedFrame {
  let frame: unknown;
  try {
    frame = parseJson(text);
  } catch (error) {
    return { error: error as ProtocolError, reference: {} };
  }
  const fields = typeof frame === 'object' && frame !== null && !Array.isArray(frame) ? (frame as Fields) : {};
  const reference = toReference(fields);
  const shape = findShape(fields);
  if (!shape) return { error: new ProtocolError('invalid_request', { mistakes: missingKeys(fields) }), reference };
  const result = shape.schema.safeParse(fields, { reportInput: true });
  if (!result.success) {
    const mistakes = toMistakes(result.error, ['frame', shape.name]);
    return { error: new ProtocolError('invalid_request', { mistakes }), reference };
  }
  return { command: (toCommand[shape.name] as (frame: unknown) => Command)(result.data), reference };
}

const toMessage = (message: StoredMessage) => ({
  id: message.id,
  sender_id: message.senderId,
  chat_id: message.chatId,
  timestamp: message.sentAt,
  text: message.text,
  seq: message.seq,
});

const toErrorDetail = (error: ProtocolError, reference: Reference) => ({
  code: error.code,
  message: error.message,
  retry: error.retry,
  ...(error.afterMs === undefined ? undefined : { after_ms: error.afterMs }),
  ...(error.mistakes && { mistakes: error.mistakes }),
  ...reference,
});

/** What an event is in this dialect: a frame without a type, or a notification. */
function toFrame(event: ServerEvent): { frame: unknown } | { type: string; detail: unknown } | undefined {
  switch (event.kind) {
    case 'message':
      return { frame: toMessage(event.message) };
    case 'message_seen':
      return { type: 'message_seen', detail: { ...toMessage(event.message), seen: true } };
    case 'group_created': {
      const { id, name, creatorId, memberIds } = event.group;
      const user_group = memberIds.map((user_id) => ({ user_id, group_id: id }));
      return { frame: { name, id, creator_id: creatorId, chat_id: event.chatId, user_group } };
    }
    default:
      return undefined;
  }
}

const settings = {
  loginWithinMs: limits.sockets.plainLoginWithinMs,
  drainCloseCode: closeCodes.serviceRestart,
  echoes: false,
  needsNames: false,
};

const plainDialect: Dialect = {
  ...settings,
  name: 'plain',
  encodeEvent(event) {
    const content = toFrame(event);
    return content && JSON.stringify('frame' in content ? content.frame : content);
  },
};

/** What a command that succeeded is answered by; nothing for those whose effect is an event. */
function encodeOutcome(outcome: Outcome): string | undefined {
  if (outcome.kind === 'logged_in') return '{"type":"auth_success","detail":null}';
  if (outcome.kind !== 'sent') return undefined;
  const { clientId, message } = outcome;
  return `{"client_id":"${clientId}","id":"${message.id}","seq":${message.seq}}`;
}

const encodeError = (error: ProtocolError, reference: Reference): string =>
  JSON.stringify({ type: 'error', detail: toErrorDetail(error, reference) });

/** A plain socket remembers nothing, so all share one side. */
const plainTalk: Talk = {
  parse,
  encodeOutcome,
  encodeError,
  encodeRefusal: (error) => ({
    text: encodeError(error, {}),
    code: toCloseCode(error, closeCodes.notAuthenticated),
    reason: error.message,
  }),
};

/** A string as the clients of this form compare it: JSON with a space after the colon. */
const toStringDetail = (error: ProtocolError): string =>
  error.mistakes ? JSON.stringify(error.mistakes) : `{"detail": ${JSON.stringify(error.message)}}`;

const stringDialect: Dialect = {
  ...settings,
  name: 'plain-string',
  encodeEvent(event) {
    const content = toFrame(event);
    if (!content) return undefined;
    const frame = 'frame' in content ? content.frame : { ...content, detail: JSON.stringify(content.detail) };
    return JSON.stringify(JSON.stringify(frame));
  },
};

const encodeStringError = (error: ProtocolError): string =>
  JSON.stringify(JSON.stringify({ type: 'error', detail: toStringDetail(error) }));

const stringTalk: Talk = {
  parse,
  encodeOutcome(outcome) {
    const text = encodeOutcome(outcome);
    return text === undefined ? undefined : JSON.stringify(text);
  },
  encodeError: encodeStringError,
  encodeRefusal: (error) => ({
    text: encodeStringError(error),
    code: toCloseCode(error, closeCodes.notAuthenticated),
    reason: error.message,
  }),
};

const plain: Entrance = { dialect: plainDialect, talk: plainTalk };
const plainString: Entrance = { dialect: stringDialect, talk: stringTalk };

/** The way in at `/ws`, with `?wire=string` for the double-encoded form. Whoever has a token in the address speaks another dialect. */
export function findPlainEntrance({ pathname, searchParams }: URL): Entrance | undefined {
  if ((pathname !== '/ws' && pathname !== '/ws/') || searchParams.has('token')) return undefined;
  return searchParams.get('wire') === 'string' ? plainString : plain;
}
