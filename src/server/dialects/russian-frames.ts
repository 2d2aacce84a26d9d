/** Frames of systems 003 and 004: JSON objects, and errors that their clients show to people who read Russian. */
import type { z } from 'zod';
import { ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import { toMistakes } from '../../protocol/mistakes.ts';
import { parseJson } from '../http/json-shape.ts';
import type { Command, ParsedFrame } from '../realtime/dialect.ts';

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

type Fields = Record<string, unknown>;

/** What a frame asks for. Whatever `toCommand` throws as a ProtocolError is what is wrong with it. */
export function parseFrame(text: string, toCommand: (fields: Fields) => Command): ParsedFrame {
  try {
    return { command: toCommand(toFields(text)), reference: {} };
  } catch (error) {
    if (error instanceof ProtocolError) return { error, reference: {} };
    throw error;
  }
}

function toFields(text: string): Fields {
  const frame = parseJson(text);
  if (typeof frame === 'object' && frame !== null && !Array.isArray(frame)) return frame as Fields;
  throw new ProtocolError('invalid_request', { message: 'Кадр должен быть объектом JSON' });
}

/** The fields as a schema reads them; throws `invalid_request` with every mistake. */
export function readFields<S extends z.ZodType>(schema: S, fields: Fields): z.output<S> {
  const result = schema.safeParse(fields, { reportInput: true });
  if (result.success) return result.data;
  throw new ProtocolError('invalid_request', { mistakes: toMistakes(result.error, ['frame']) });
}
