/** What the clients of systems 003 and 004 show their people, who read Russian. Codes they do not know. */
import { ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { parseJson } from '../http/json-shape.ts';

const texts: Partial<Record<ErrorCode, string>> = {
  malformed_json: 'Неверный формат JSON',
  too_deep: 'Слишком сложный JSON',
  session_revoked: 'Сессия завершена, войдите снова',
  blocked: 'Сообщения между вами заблокированы',
  conflict: 'Этот ключ уже использован для другого сообщения',
  rate_limited: 'Слишком много запросов, попробуйте позже',
  overloaded: 'Сервер занят, попробуйте ещё раз',
  unavailable: 'База данных недоступна, попробуйте ещё раз',
  draining: 'Сервер перезапускается, попробуйте ещё раз',
  internal: 'Внутренняя ошибка сервера',
};

/** An error as a frame: every mistake with the key it is about, else the text. `own`: what this dialect calls it. */
export function toErrorFrame(error: ProtocolError, own: Partial<Record<ErrorCode, string>> = {}): string {
  const mistakes = error.mistakes?.map(({ loc, msg }) => [...loc.slice(1), msg].join(': '));
  const text = own[error.code] ?? texts[error.code] ?? mistakes?.join('\n') ?? error.message;
  return JSON.stringify({ error: text });
}

/** The object that a frame holds; throws ProtocolError for anything else. */
export function parseFrame(text: string): Record<string, unknown> {
  const frame = parseJson(text);
  if (typeof frame === 'object' && frame !== null && !Array.isArray(frame)) return frame as Record<string, unknown>;
  throw new ProtocolError('invalid_request', { message: 'Кадр должен быть объектом JSON' });
}
