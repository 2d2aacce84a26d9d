/** A chat and its members. */
export function ChatInfo({ chatId: _chatId }: { chatId: string }) {
  return <p>ChatInfo</p>;
}
