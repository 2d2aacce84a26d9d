/** Which dialog about a message is open. It outlives the menu that opened it, and the row of the message. */
import { signal } from '@preact/signals';
import type { Message } from '../../../client/index.ts';
import type { MenuPlace } from '../../ui/menu.tsx';

/** What every dialog about a message takes. */
export interface MessageDialogProps {
  message: Message;
  onClose: () => void;
}

export type MessageDialog =
  | { kind: 'forward' | 'seen' | 'edits' | 'delete'; message: Message }
  | { kind: 'react'; message: Message; place: MenuPlace };

/** The open dialog; one at a time. */
export const messageDialog = signal<MessageDialog | undefined>(undefined);
