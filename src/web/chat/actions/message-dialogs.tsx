import { useEffect } from 'preact/hooks';
import { lazyDialog } from '../../app/lazy.tsx';
import { useMessenger } from '../../app/slices.ts';
import { EmojiPopover } from '../../emoji/lazy-popover.ts';
import { messageDialog, type MessageDialogProps } from './dialog-state.ts';
import { toggleReaction } from './toggles.ts';

const dialogs = {
  forward: lazyDialog<MessageDialogProps>(async () => (await import('./forward-dialog.tsx')).ForwardDialog),
  seen: lazyDialog<MessageDialogProps>(async () => (await import('./seen-dialog.tsx')).SeenDialog),
  edits: lazyDialog<MessageDialogProps>(async () => (await import('./edits-dialog.tsx')).EditsDialog),
  delete: lazyDialog<MessageDialogProps>(async () => (await import('./delete-dialog.tsx')).DeleteDialog),
};

const close = (): void => void (messageDialog.value = undefined);

/** The dialogs that the menus of a chat's messages open. Stands once in a chat. */
export function MessageDialogs({ chatId }: { chatId: string }) {
  const messenger = useMessenger();
  useEffect(() => close, [chatId]);
  const open = messageDialog.value;
  if (open?.message.chat_id !== chatId) return null;
  if (open.kind === 'react')
    return (
      <EmojiPopover
        place={open.place}
        onClose={close}
        onPick={(emoji) => {
          close();
          toggleReaction(messenger, open.message, emoji, true);
        }}
      />
    );
  const Dialog = dialogs[open.kind];
  return <Dialog key={open.kind} message={open.message} onClose={close} />;
}
