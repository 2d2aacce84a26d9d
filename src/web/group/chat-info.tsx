import { lazily } from '../app/lazy.tsx';

/** A chat and its members. */
export const ChatInfo = lazily<{ chatId: string }>(() =>
  import('./chat-info-page.tsx').then((part) => part.ChatInfoPage),
);
