/** The newest pinned message below the head of a chat, and the way to all of them. */
export function PinnedBar({ chatId: _chatId }: { chatId: string }) {
  return null;
}
