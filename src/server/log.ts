import { pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config.ts';

const secretKeys = new Set(['token', 'access_token', 'refresh_token', 'ticket', 'code', 'secret', 'password', 'key']);
/** Whom somebody looked for is nobody else's business. */
const personalKeys = new Set(['q', 'email', 'phone', 'phone_number', 'username']);
const parameter = /([?&;])([^=?&;#]+)=[^&;#]*/g;
/** `/ws/<id>/<token>`, a dialect that carries the token in the path, and invites. */
const secretPath = /(\/ws\/+[^/?#]+\/+|\/invites\/+)[^/?#]+/i;
/** What has the form of an access token is one, wherever somebody put it. */
const accessToken = /eyJ[\w-]*\.[\w-]+(?:\.[\w-]*)?/g;

function isSecret(name: string): boolean {
  try {
    const key = decodeURIComponent(name).toLowerCase();
    return secretKeys.has(key) || personalKeys.has(key);
  } catch {
    return false;
  }
}

/** A request's URL as it may stand in a log: whatever could be a token, or tells of a person, is replaced by three dots. */
export const redactUrl = (url: string): string =>
  url
    .replace(parameter, (whole, mark: string, name: string) => (isSecret(name) ? `${mark}${name}=…` : whole))
    .replace(secretPath, '$1…')
    .replace(accessToken, '…');

const maxCauses = 5;

/**
 * An error as it may stand in a log: class, code, message, stack and causes, and nothing else of what it carries. Drizzle
 * writes the statement and its parameters into the message of its errors (and so into the stack), so theirs is dropped;
 * the cause says what was wrong.
 */
export function toLoggedError(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { message: typeof thrown === 'string' ? thrown : `thrown: ${typeof thrown}` };
  const hasStatement = 'query' in thrown && 'params' in thrown;
  const frames = thrown.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return {
    type: thrown.name,
    ...('code' in thrown && { code: thrown.code }),
    ...('constraint_name' in thrown && { constraint: thrown.constraint_name }),
    message: hasStatement ? 'a statement failed' : thrown.message,
    stack: frames?.join('\n'),
    ...(thrown.cause !== undefined && depth < maxCauses && { cause: toLoggedError(thrown.cause, depth + 1) }),
  };
}

/** The server's log: one JSON object a line, on standard output unless `destination` is given. */
export function createLog(level: Config['logLevel'], destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (thrown: unknown) => toLoggedError(thrown) },
    redact: { paths: ['headers.authorization', 'headers.cookie', '*.password', '*.token'], censor: '…' },
  };
  return destination ? pino(options, destination) : pino(options);
}
