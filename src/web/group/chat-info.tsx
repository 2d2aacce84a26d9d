import { lazy } from '../app/lazy.tsx';

/** A chat and its members. */
export const ChatInfo = lazy<{ chatId: string }>(() =>
  import('./chat-info-page.tsx').then((part) => part.ChatInfoPage),
);
