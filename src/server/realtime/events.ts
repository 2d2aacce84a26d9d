/** A stored message, as every dialect and history know it. Instants are text in UTC with `Z`. */
export interface StoredMessage {
  id: string;
  seq: number;
  senderId: string;
  chatId: string;
  text: string;
  sentAt: string;
}

/** A durable change of a chat. Each has the chat's next `version`; a chat's events are delivered in that order. */
export type ChatEvent =
  /** `origin`: the connection it came through, on this node; that one gets an ack instead. */
  | { kind: 'message'; chatId: string; version: number; message: StoredMessage; origin?: object | undefined }
  | {
      kind: 'group_created';
      chatId: string;
      version: number;
      group: { id: string; name: string; creatorId: string; memberIds: string[] };
    }
  | { kind: 'direct_opened'; chatId: string; version: number; memberIds: string[] }
  | { kind: 'members_added'; chatId: string; version: number; userIds: string[] }
  | { kind: 'member_removed'; chatId: string; version: number; userId: string };

/** A message that every member has now read; told to its sender's sockets only. It has no version: it is no change of the chat. */
export interface SeenEvent {
  kind: 'message_seen';
  message: StoredMessage;
}

export type ServerEvent = ChatEvent | SeenEvent;

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
