/** A message's menu, read when it is first needed. */
import { useEffect, useState } from 'preact/hooks';
import type { FunctionComponent } from 'preact';
import type { Message, PendingMessage } from '../../../client/index.ts';
import { toErrorText } from '../../app/error-text.ts';
import type { MenuPlace } from '../../ui/menu.tsx';
import { toast } from '../../ui/toast.tsx';
import type { MessageMenuProps } from '../message-menu.tsx';

/** Of which message, and where. */
export interface OpenMenu {
  message: Message | PendingMessage;
  place: MenuPlace;
}

interface MenuHostProps {
  menu: OpenMenu;
  onClose: () => void;
  onJump: (seq: number) => void;
}

type Menu = FunctionComponent<MessageMenuProps>;

let known: Menu | undefined;

export function MenuHost({ menu, onClose, onJump }: MenuHostProps) {
  const [Menu, setMenu] = useState<Menu | undefined>(() => known);
  useEffect(() => {
    if (known) return;
    import('../message-menu.tsx').then(
      ({ MessageMenu }) => setMenu(() => (known = MessageMenu)),
      (error: unknown) => {
        toast(toErrorText(error));
        onClose();
      },
    );
  }, []);
  return Menu ? <Menu {...menu} onClose={onClose} onJump={onJump} /> : null;
}
