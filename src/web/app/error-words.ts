/** The words of all errors that a person may meet. */
import type { MessengerError } from '../../client/index.ts';
import { language } from '../texts/language.ts';
import { defineTexts } from '../texts/texts.ts';

type Code = MessengerError['code'];

const words = defineTexts({
  en: {
    offline: "Can't reach the server. Try again in a moment.",
    busy: 'The server is busy. Try again in a moment.',
    rate_limited: 'Too many attempts. Wait a little and try again.',
    invalid_request: "Something isn't right. Check it and try again.",
    too_large: 'This is too large for this server.',
    invalid_image: "The server can't read this picture. Use JPEG, PNG, WebP, GIF or AVIF.",
    access_denied: "You don't have permission to do that.",
    session: 'You were logged out. Log in again.',
    wrong_credentials: 'Wrong login or password. Check both and try again.',
    wrong_password: 'This is not your current password.',
    weak_password: 'This password is too easy to guess. Choose another.',
    registration_closed: "This server isn't accepting new accounts.",
    invite_needed: 'You need an invitation code to register here.',
    link_invalid: 'This link was already used or has expired. Ask for a new one.',
    identifier_taken: 'This is already taken. Choose another.',
    identifier_needed: 'An account needs an e-mail, a phone number or a username. Keep at least one.',
    not_found: 'This is no longer here.',
    unknown_user: 'This account no longer exists.',
    not_oneself: 'This only works with other people.',
    blocked: "You can't message each other.",
    chat: "You're no longer in this chat.",
    no_message: 'This message is no longer there.',
    deleted: 'This message was deleted.',
    too_many_edits: 'This message was edited too many times.',
    too_many_reactions: 'This message has too many different reactions.',
    too_many_pins: 'Too many messages are pinned here. Unpin one first.',
    too_many_pinned: 'Too many chats are pinned. Unpin one first.',
    too_many_members: 'The group is full.',
    too_many_chats: 'One of these people is in too many chats.',
    too_many_invites: 'This group has too many invite links. Revoke one first.',
    invite_invalid: 'This invite no longer works.',
    direct_exists: 'You already have a chat with this person.',
    owner_stays: 'Transfer the group to someone else first.',
    group_only: 'This only works in groups.',
    storage: "This browser couldn't save it. It may be out of space.",
    stopped: "You're no longer logged in.",
    other: 'Something went wrong. Try again.',
  },
  ru: {
    offline: 'Сервер недоступен. Попробуйте ещё раз чуть позже.',
    busy: 'Сервер перегружен. Попробуйте ещё раз чуть позже.',
    rate_limited: 'Слишком много попыток. Подождите немного и попробуйте ещё раз.',
    invalid_request: 'Что-то заполнено неверно. Проверьте и попробуйте ещё раз.',
    too_large: 'Для этого сервера размер слишком большой.',
    invalid_image: 'Сервер не смог открыть эту картинку. Подойдут JPEG, PNG, WebP, GIF и AVIF.',
    access_denied: 'Недостаточно прав.',
    session: 'Вход больше не действует. Войдите ещё раз.',
    wrong_credentials: 'Неверный логин или пароль. Проверьте и попробуйте ещё раз.',
    wrong_password: 'Текущий пароль указан неверно.',
    weak_password: 'Этот пароль легко угадать. Придумайте другой.',
    registration_closed: 'Регистрация на этом сервере закрыта.',
    invite_needed: 'Для регистрации здесь нужен код приглашения.',
    link_invalid: 'Ссылка уже использована или устарела. Попросите новую.',
    identifier_taken: 'Уже занято. Выберите другое.',
    identifier_needed: 'Аккаунту нужна почта, телефон или имя пользователя. Оставьте хотя бы одно.',
    not_found: 'Здесь больше ничего нет.',
    unknown_user: 'Этого аккаунта больше нет.',
    not_oneself: 'Это можно делать только с другими людьми.',
    blocked: 'Вы не можете писать друг другу.',
    chat: 'Вы больше не состоите в этом чате.',
    no_message: 'Этого сообщения больше нет.',
    deleted: 'Это сообщение удалено.',
    too_many_edits: 'Это сообщение изменяли слишком много раз.',
    too_many_reactions: 'У этого сообщения слишком много разных реакций.',
    too_many_pins: 'Закреплено слишком много сообщений. Сначала открепите одно.',
    too_many_pinned: 'Закреплено слишком много чатов. Сначала открепите один.',
    too_many_members: 'В группе больше нет мест.',
    too_many_chats: 'У кого-то из этих людей стало бы слишком много чатов.',
    too_many_invites: 'У группы слишком много ссылок. Сначала отзовите одну.',
    invite_invalid: 'Это приглашение больше не работает.',
    direct_exists: 'Чат с этим человеком уже есть.',
    owner_stays: 'Сначала передайте группу кому-нибудь другому.',
    group_only: 'Это можно делать только в группах.',
    storage: 'Браузер не смог это сохранить. Возможно, закончилось место.',
    stopped: 'Вход больше не действует.',
    other: 'Что-то пошло не так. Попробуйте ещё раз.',
  },
});

type Key = keyof typeof words.dictionary.en;

/** The words of each code. Those of `other` are never met by a person while the client does what it should. */
const keys: Record<Code, Key> = {
  offline: 'offline',
  connection_lost: 'offline',
  timeout: 'offline',
  unavailable: 'busy',
  overloaded: 'busy',
  draining: 'busy',
  rate_limited: 'rate_limited',
  invalid_request: 'invalid_request',
  too_large: 'too_large',
  invalid_image: 'invalid_image',
  access_denied: 'access_denied',
  not_authenticated: 'session',
  session_revoked: 'session',
  wrong_credentials: 'wrong_credentials',
  wrong_password: 'wrong_password',
  weak_password: 'weak_password',
  registration_closed: 'registration_closed',
  invite_needed: 'invite_needed',
  link_invalid: 'link_invalid',
  identifier_taken: 'identifier_taken',
  identifier_needed: 'identifier_needed',
  not_found: 'not_found',
  unknown_user: 'unknown_user',
  no_user: 'unknown_user',
  not_oneself: 'not_oneself',
  blocked: 'blocked',
  no_chat: 'chat',
  unknown_chat: 'chat',
  no_message: 'no_message',
  deleted: 'deleted',
  too_many_edits: 'too_many_edits',
  too_many_reactions: 'too_many_reactions',
  too_many_pins: 'too_many_pins',
  too_many_pinned: 'too_many_pinned',
  too_many_members: 'too_many_members',
  too_many_chats: 'too_many_chats',
  too_many_invites: 'too_many_invites',
  invite_invalid: 'invite_invalid',
  direct_exists: 'direct_exists',
  owner_stays: 'owner_stays',
  not_a_group: 'group_only',
  storage: 'storage',
  stopped: 'stopped',
  internal: 'other',
  bad_answer: 'other',
  malformed_json: 'other',
  too_deep: 'other',
  unsupported_media_type: 'other',
  method_not_allowed: 'other',
  csrf: 'other',
  sender_mismatch: 'other',
  conflict: 'other',
  depends_missing: 'other',
  resume_not_possible: 'other',
  not_a_pair: 'other',
};

/** From here on it is told when to try again, rather than that one should wait a little. */
const longMs = 20_000;

/** `in 5 minutes`, `через 5 минут`. */
function toWait(ms: number): string {
  const relative = new Intl.RelativeTimeFormat(language.value);
  const minutes = Math.ceil(ms / 60_000);
  if (minutes <= 1) return relative.format(Math.ceil(ms / 1_000), 'second');
  return minutes < 90 ? relative.format(minutes, 'minute') : relative.format(Math.ceil(minutes / 60), 'hour');
}

const tooOften = defineTexts({
  en: { until: (wait: string) => `Too many attempts. Try again ${wait}.` },
  ru: { until: (wait: string) => `Слишком много попыток. Попробуйте ещё раз ${wait}.` },
});

/** A sentence about an error, whatever was thrown. A code that nobody should meet stands at its end, to be reported. */
export function toWords({ code, afterMs = 0 }: MessengerError): string {
  if (code === 'rate_limited' && afterMs > longMs) return tooOften().until(toWait(afterMs));
  const key = keys[code];
  return key === 'other' ? `${words().other} (${code})` : words()[key];
}
