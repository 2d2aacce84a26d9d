import type { Message, PendingMessage } from '../../client/index.ts';
import { MessageText } from './message-text.tsx';
import { Reactions } from './reactions.tsx';

/** One message. */
export const Bubble = ({ message }: { message: Message | PendingMessage }) => (
  <div>
    <MessageText message={message} />
    {'seq' in message && <Reactions message={message} />}
  </div>
);
