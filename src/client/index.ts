/**
 * The SDK: `connect` gives a `Messenger`, which keeps one person's view of the server up to date over breaks, restarts and
 * bad networks. docs/sdk.md is the guide.
 */
export { connect } from './connect.ts';
export { MessengerError, type ClientErrorCode, type MessengerErrorOptions } from './errors.ts';
export {
  memoryStorage,
  type Clock,
  type FetchLike,
  type RequestLike,
  type ResponseLike,
  type Storage,
  type WebSocketConstructor,
  type WebSocketLike,
} from './platform.ts';
export type * from './types.ts';
export type * from './views.ts';
export type { Account } from '../protocol/accounts.ts';
export type { Chat, Role } from '../protocol/chats.ts';
export type { ErrorCode, Mistake, Retry } from '../protocol/errors.ts';
export type {
  Draft,
  FullChangeFrame,
  FullChangeType,
  FullClientType,
  FullServerFrame,
  OwnState,
  Person,
  Position,
  Presence,
} from '../protocol/full.ts';
export type { EarlierText, Mention, Message, Reaction, Reading } from '../protocol/message.ts';
