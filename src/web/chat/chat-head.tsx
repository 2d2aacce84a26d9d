import { useSlice } from '../app/slices.ts';

/** Whose chat it is, who types or is there, and what one may do with the chat. */
export function ChatHead({ chatId }: { chatId: string }) {
  const chat = useSlice(`chat:${chatId}`);
  return <header>{chat?.name}</header>;
}
