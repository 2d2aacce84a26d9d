import type { Message, PendingMessage } from '../../client/index.ts';
import type { MenuPlace } from '../ui/menu.tsx';

export interface MessageMenuProps {
  message: Message | PendingMessage;
  place: MenuPlace;
  onClose: () => void;
  /** Shows another message of the chat. */
  onJump: (seq: number) => void;
}

/** What one may do with a message: react, reply, edit, forward, copy, pin, see earlier texts and who has seen it, delete. */
export const MessageMenu = (_props: MessageMenuProps) => null;
