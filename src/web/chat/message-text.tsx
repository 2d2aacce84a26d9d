import type { Message, PendingMessage } from '../../client/index.ts';

/** What a message says: markdown, links and mentions; plainly until the part that reads markdown is here. */
export const MessageText = ({ message }: { message: Pick<Message | PendingMessage, 'text' | 'mentions'> }) => (
  <p>{message.text}</p>
);
