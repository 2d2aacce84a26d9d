import { useMessenger } from '../../app/slices.ts';
import { toFull, toMoment } from '../../texts/dates.ts';
import { defineTexts } from '../../texts/texts.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Note } from '../../ui/note.tsx';
import { MessageText } from '../message-text.tsx';
import type { MessageDialogProps } from './dialog-state.ts';
import { useAsked } from './use-asked.ts';
import './message-dialogs.css';

const texts = defineTexts({
  en: { title: 'Edit history', now: 'Current' },
  ru: { title: 'История изменений', now: 'Текущий текст' },
});

/** What a message said before it was edited, the newest first. */
export function EditsDialog({ message, onClose }: MessageDialogProps) {
  const messenger = useMessenger();
  const { value, error } = useAsked(() => messenger.chat(message.chat_id).listEdits(message.seq));
  return (
    <Dialog title={texts().title} onClose={onClose}>
      {error !== undefined && <Note kind="danger">{error}</Note>}
      <ol class="edits" aria-busy={value === undefined && error === undefined}>
        <li>
          <h3>{texts().now}</h3>
          <MessageText message={message} />
        </li>
        {value?.toReversed().map((earlier, at) => (
          <li key={at}>
            <h3>
              <time dateTime={earlier.written_at} title={toFull(earlier.written_at)}>
                {toMoment(earlier.written_at)}
              </time>
            </h3>
            <MessageText message={earlier} />
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
