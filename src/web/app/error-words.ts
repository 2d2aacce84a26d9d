/** The words of all errors that a person may meet. */
import type { MessengerError } from '../../client/index.ts';
import { language } from '../texts/language.ts';
import { defineTexts } from '../texts/texts.ts';

type Code = MessengerError['code'];

const words = defineTexts({
  en: {
    offline: 'The server cannot be reached. Try again in a moment.',
    busy: 'The server is busy. Try again in a moment.',
    rate_limited: 'That was too often. Wait a little and try again.',
    invalid_request: 'Something in it is not right. Look it over and try again.',
    too_large: 'That is too large for this server.',
    invalid_image: 'This is not a picture that the server can read. JPEG, PNG, WebP, GIF and AVIF will do.',
    access_denied: 'You may not do that.',
    session: 'Your session has ended. Log in again.',
    wrong_credentials: 'This name and password do not belong together. Check both and try again.',
    wrong_password: 'This is not your current password.',
    weak_password: 'This password is too easy to guess. Choose another.',
    registration_closed: 'This server does not take new people.',
    invite_needed: 'An invitation code is needed to register here.',
    link_invalid: 'This link was used already or has expired. Ask for a new one.',
    identifier_taken: 'This belongs to somebody else. Choose another.',
    identifier_needed: 'An account needs an e-mail, a phone number or a username. Keep at least one.',
    not_found: 'There is nothing here any more.',
    unknown_user: 'There is no such person any more.',
    not_oneself: 'This works with other people only.',
    blocked: 'One of you has blocked the other.',
    chat: 'You are not in this chat any more.',
    no_message: 'This message is not there any more.',
    deleted: 'This message was deleted.',
    too_many_edits: 'This message was changed too many times.',
    too_many_reactions: 'This message has too many different reactions.',
    too_many_pins: 'Too many messages are pinned here. Unpin one first.',
    too_many_pinned: 'Too many chats are pinned. Unpin one first.',
    too_many_members: 'The group is full.',
    too_many_chats: 'That would be too many chats for one of the people.',
    too_many_invites: 'This group has too many invite links. Revoke one first.',
    invite_invalid: 'This invite does not work any more.',
    direct_exists: 'You have a chat with this person already.',
    owner_stays: 'Hand the group on to somebody else first.',
    group_only: 'This works in groups only.',
    storage: 'This browser could not store it. There may be no space left.',
    stopped: 'You are not logged in any more.',
    other: 'Something went wrong. Try again.',
  },
  ru: {
    offline: 'Сервер недоступен. Попробуйте ещё раз чуть позже.',
    busy: 'Сервер занят. Попробуйте ещё раз чуть позже.',
    rate_limited: 'Слишком часто. Подождите немного и попробуйте ещё раз.',
    invalid_request: 'Что-то заполнено неверно. Проверьте и попробуйте ещё раз.',
    too_large: 'Для этого сервера это слишком много.',
    invalid_image: 'Сервер не может прочитать эту картинку. Подойдут JPEG, PNG, WebP, GIF и AVIF.',
    access_denied: 'На это нет прав.',
    session: 'Сеанс завершён. Войдите ещё раз.',
    wrong_credentials: 'Имя и пароль не подходят друг к другу. Проверьте и попробуйте ещё раз.',
    wrong_password: 'Текущий пароль не подходит.',
    weak_password: 'Этот пароль легко угадать. Придумайте другой.',
    registration_closed: 'Этот сервер не принимает новых людей.',
    invite_needed: 'Для регистрации здесь нужен код приглашения.',
    link_invalid: 'Ссылка уже использована или устарела. Попросите новую.',
    identifier_taken: 'Это уже занято кем-то другим. Выберите другое.',
    identifier_needed: 'Аккаунту нужна почта, телефон или имя пользователя. Оставьте хотя бы одно.',
    not_found: 'Здесь больше ничего нет.',
    unknown_user: 'Такого человека больше нет.',
    not_oneself: 'Это можно делать только с другими людьми.',
    blocked: 'Один из вас заблокировал другого.',
    chat: 'В этом чате вас больше нет.',
    no_message: 'Этого сообщения больше нет.',
    deleted: 'Это сообщение удалено.',
    too_many_edits: 'Это сообщение меняли слишком много раз.',
    too_many_reactions: 'На этом сообщении слишком много разных реакций.',
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
  en: { until: (wait: string) => `That was too often. Try again ${wait}.` },
  ru: { until: (wait: string) => `Слишком часто. Попробуйте ещё раз ${wait}.` },
});

/** A sentence about an error, whatever was thrown. A code that nobody should meet stands at its end, to be reported. */
export function toWords({ code, afterMs = 0 }: MessengerError): string {
  if (code === 'rate_limited' && afterMs > longMs) return tooOften().until(toWait(afterMs));
  const key = keys[code];
  return key === 'other' ? `${words().other} (${code})` : words()[key];
}
