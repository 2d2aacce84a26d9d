import { toChatFace } from '../app/names.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { Menu, type MenuPlace } from '../ui/menu.tsx';
import { listRowActions } from './chat-actions.ts';
import { texts } from './texts.ts';

export interface RowMenuProps {
  chatId: string;
  place: MenuPlace;
  onClose: () => void;
}

/** What one may do with a chat of the list. */
export function RowMenu({ chatId, place, onClose }: RowMenuProps) {
  const messenger = useMessenger();
  const chat = useSlice(`chat:${chatId}`);
  if (!chat) return null;
  const { name } = toChatFace(chat, messenger.user?.id, messenger.store);
  return (
    <Menu
      label={texts().menu(name)}
      items={listRowActions(messenger, chat)}
      place={place}
      onClose={onClose}
      sheet
      head={
        <p class="menu-about" aria-hidden="true" dir="auto">
          {name}
        </p>
      }
    />
  );
}
