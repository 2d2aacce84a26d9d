import type { Role } from '../../protocol/chats.ts';
import type { Mention } from '../../protocol/message.ts';

/** A stored message, as every dialect and history know it. Instants are text in UTC with `Z`. */
export interface StoredMessage {
  id: string;
  seq: number;
  senderId: string;
  chatId: string;
  text: string;
  sentAt: string;
  /** What its sender called it; absent where only its place and text matter. */
  clientId?: string | undefined;
  /** The key its sender gave it, where that was no UUID. */
  clientKey?: string | null | undefined;
  /** The seq of the message it answers. */
  replyTo?: number | undefined;
  /** Who said it first, and when, where it is told on. */
  forwarded?: { senderId: string; sentAt: string } | undefined;
  mentions?: readonly Mention[] | undefined;
}

/** How far a member has got in a chat. */
export interface MemberPosition {
  userId: string;
  deliveredSeq: number;
  readSeq: number;
}

/** What a dialect may have to know of a chat to say what happened in it. */
export interface ChatContext {
  /** The two people of a direct chat. */
  pair: readonly [string, string] | undefined;
}

/** `avatar` is the name of its pictures in the storage. */
export interface GroupFields {
  id: string;
  name: string;
  description: string | null;
  avatar: string | null;
}

/**
 * A durable change of a chat. Each has the chat's next `version`; a chat's events are delivered in that order. Events that
 * were read from the database leave out what was overtaken: then `after` says which version they follow.
 */
export type ChatEvent = { after?: number | undefined } &
  /** `origin`: the connection it came through, on this node; that one gets an ack instead. */
  (
    | { kind: 'message'; chatId: string; version: number; message: StoredMessage; origin?: object | undefined }
    /**
     * A message was edited, deleted, reacted to or pinned; `row`: how it is now, as JSON text (`message_json`); `blindIds`:
     * members who may not see it, because they joined after it.
     */
    | { kind: 'message_changed'; chatId: string; version: number; row: string; blindIds: readonly string[] | null }
    /** The same for those who may not see it: they learn that there was a change. */
    | { kind: 'unseen_changed'; chatId: string; version: number }
    | {
        kind: 'group_created';
        chatId: string;
        version: number;
        group: { id: string; name: string; creatorId: string; memberIds: string[] };
      }
    | { kind: 'direct_opened'; chatId: string; version: number; memberIds: string[] }
    | { kind: 'members_added'; chatId: string; version: number; userIds: string[] }
    | { kind: 'member_removed'; chatId: string; version: number; userId: string }
    /** Members who now have these roles; who hands a group on is told with who takes it. */
    | { kind: 'role_changed'; chatId: string; version: number; members: { userId: string; role: Role }[] }
    /** What a group is called and looks like now. */
    | { kind: 'group_changed'; chatId: string; version: number; group: GroupFields }
    /** The last event of a group: nobody is a member any more. */
    | { kind: 'chat_deleted'; chatId: string; version: number }
  );

/** A message that every member has now read; told to its sender's sockets only. It has no version: it is no change of the chat. */
export interface SeenEvent {
  kind: 'message_seen';
  message: StoredMessage;
}

/** What happens now and is not kept: told to who is there, never twice, perhaps not at all. */
export type LiveEvent =
  /** A member has read up to a message. */
  | { kind: 'read'; chatId: string; userId: string; messageId: string; readAt: string }
  | { kind: 'typing'; chatId: string; userId: string }
  /** How far members have got now. */
  | { kind: 'positions'; chatId: string; rows: MemberPosition[] }
  /** What somebody keeps of a chat for themselves has changed; their own sockets are told what it is now. */
  | { kind: 'own_changed'; chatId: string; userId: string }
  /** Somebody came (`online`), or may have gone or hidden: what those who watch them may know of it is looked up. */
  | { kind: 'presence'; userId: string; online: boolean }
  /** Said to all who are in the lobby. */
  | { kind: 'lobby'; userId: string; text: string; saidAt: string };

export type ServerEvent = ChatEvent | SeenEvent | LiveEvent;

/** Whether an event is a durable change of a chat. */
export const isChatEvent = (event: ServerEvent): event is ChatEvent => 'version' in event;

/** Who became a member by an event. */
export const joinedBy = (event: ChatEvent): string[] => {
  switch (event.kind) {
    case 'group_created':
      return event.group.memberIds;
    case 'direct_opened':
      return event.memberIds;
    case 'members_added':
      return event.userIds;
    default:
      return [];
  }
};

/** Whose membership an event changed. */
export const touchedBy = (event: ChatEvent): string[] =>
  event.kind === 'member_removed' ? [event.userId] : joinedBy(event);
