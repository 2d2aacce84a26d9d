/** What one may do with a message, as far as it is known here; the server decides. */
import type { ChatView, Message } from '../../../client/index.ts';

const isAdmin = (chat: ChatView | undefined): boolean => chat !== undefined && chat.own.role !== 'member';

/** One's own text; what was forwarded stays as it was. */
export const mayEdit = (message: Message, ownId: string | undefined): boolean =>
  message.sender_id === ownId && message.deleted_at === undefined && !message.forwarded;

/** By its author, in a group by owner and admins too. */
export const mayDelete = (message: Message, chat: ChatView | undefined, ownId: string | undefined): boolean =>
  message.deleted_at === undefined && (message.sender_id === ownId || (chat?.type === 'group' && isAdmin(chat)));

/** In a group by owner and admins, else by both. */
export const mayPin = (chat: ChatView | undefined): boolean =>
  chat !== undefined && (chat.type !== 'group' || isAdmin(chat));
