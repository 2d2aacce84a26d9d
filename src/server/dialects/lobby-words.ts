/** What the lobby dialect says, in the language of its clients. */
import type { ErrorCode, ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Reference } from '../realtime/dialect.ts';

/** `[dd/mm/yy HH:MM]` of an instant in UTC. */
export function toStamp(instant: string): string {
  const [, year = '', month = '', day = '', time = ''] = /^\d\d(\d\d)-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(instant) ?? [];
  return `[${day}/${month}/${year} ${time}]`;
}

export interface PrivateLine {
  sentAt: string;
  sender: string;
  receiver: string;
  text: string;
}

export const toPrivateLine = ({ sentAt, sender, receiver, text }: PrivateLine): string =>
  `${toStamp(sentAt)} ${sender} для ${receiver}: ${text}`;

export const toLobbyLine = (saidAt: string, user: string, text: string): string =>
  `${toStamp(saidAt)} ${user}: ${text}`;

export const toAwayLine = (user: string): string =>
  `Пользователь '${user}' сейчас не в сети, он увидит Ваше сообщение когда зайдет в чат.`;

export const words = {
  usage: 'Личное сообщение пишется так: /pm имя текст.',
  empty: 'Пустое сообщение не отправлено.',
  unreadable: 'В сообщении есть недопустимые символы, или оно слишком длинное.',
  tooLongForLobby: `В общий чат можно отправить не больше ${limits.lobby.maxCodePoints} символов.`,
} as const;

const ofErrors: Partial<Record<ErrorCode, (user: string) => string>> = {
  not_a_pair: () => 'Вы не можете отправлять личные сообщения себе.',
  no_user: (user) => `Пользователь '${user}' не найден.`,
  blocked: (user) => `Сообщение не отправлено: Вы или '${user}' заблокировали друг друга.`,
  too_many_chats: () => 'Сообщение не отправлено: у одного из вас слишком много чатов.',
  malformed_json: () => 'Принимаются только текстовые сообщения.',
  session_revoked: () => 'Вход завершён, войдите снова.',
  rate_limited: () => 'Слишком много сообщений, подождите немного.',
};

const ofMistake = 'invalid_request';
const anyError = 'Сообщение не отправлено, попробуйте ещё раз через минуту.';

/** `user` of the reference: whom the line was for. */
export function toErrorLine({ code, message }: ProtocolError, { user = '' }: Reference): string {
  if (code === ofMistake) return message;
  return ofErrors[code]?.(String(user)) ?? anyError;
}
