/**
 * Who may do what to a chat is decided inside the SQL functions that do it, under the chat's lock and on every road alike.
 * Here is only what their refusals are called on the wire.
 */
import { errorCatalogue, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';

const codes = {
  revoked: 'session_revoked',
  no_chat: 'no_chat',
  not_a_group: 'not_a_group',
  access_denied: 'access_denied',
  no_user: 'no_user',
  blocked: 'blocked',
  too_many_members: 'too_many_members',
  too_many_chats: 'too_many_chats',
} as const satisfies Record<string, ErrorCode>;

export type Refusal = keyof typeof codes;

export const refusals = Object.keys(codes) as [Refusal, ...Refusal[]];

/** So many people are named in a refusal's text; more make it no clearer. */
const maxNamed = 10;

/** The error for a refusal; `users` are the people it is about. */
export function toRefusal(refusal: Refusal, users: string[] = []): ProtocolError {
  const code = codes[refusal];
  if (users.length === 0) return new ProtocolError(code);
  const named = users.slice(0, maxNamed).join(', ') + (users.length > maxNamed ? ', …' : '');
  return new ProtocolError(code, { message: `${errorCatalogue[code].text} (${named})` });
}
