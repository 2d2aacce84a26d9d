import { useState } from 'preact/hooks';
import { toErrorText } from '../../app/error-text.ts';
import { useMessenger } from '../../app/slices.ts';
import { defineTexts } from '../../texts/texts.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { toLine } from '../text/line.ts';
import type { MessageDialogProps } from './dialog-state.ts';
import './message-dialogs.css';

const texts = defineTexts({
  en: {
    title: 'Delete message?',
    text: 'It will be deleted for everyone. This cannot be undone.',
    action: 'Delete',
  },
  ru: {
    title: 'Удалить сообщение?',
    text: 'Оно будет удалено у всех. Вернуть его нельзя.',
    action: 'Удалить',
  },
});

/** Asks before a message is deleted. */
export function DeleteDialog({ message, onClose }: MessageDialogProps) {
  const messenger = useMessenger();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const remove = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await messenger.chat(message.chat_id).delete(message.seq);
      onClose();
    } catch (thrown) {
      setError(toErrorText(thrown));
      setBusy(false);
    }
  };
  return (
    <Confirm
      title={texts().title}
      text={texts().text}
      action={texts().action}
      danger
      busy={busy}
      error={error}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p class="dialog-quote" dir="auto">
        {toLine(message)}
      </p>
    </Confirm>
  );
}
