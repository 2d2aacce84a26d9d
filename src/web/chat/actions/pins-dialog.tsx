import type { Message } from '../../../client/index.ts';
import { toErrorText } from '../../app/error-text.ts';
import { usePerson } from '../../app/names.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';
import { toFull, toMoment } from '../../texts/dates.ts';
import { defineTexts } from '../../texts/texts.ts';
import { IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { toast } from '../../ui/toast.tsx';
import { toPlainText } from '../text/plain-line.ts';
import { mayPin } from './rights.ts';
import './message-dialogs.css';

const texts = defineTexts({
  en: { title: 'Pinned messages', unpin: 'Unpin' },
  ru: { title: 'Закреплённые сообщения', unpin: 'Открепить' },
});

const listMarks = /^\s*[-+*]\s+/gm;

export interface PinsDialogProps {
  pins: readonly Message[];
  onJump: (seq: number) => void;
  onClose: () => void;
}

function Pin({ message, onJump, onClose }: { message: Message; onJump: (seq: number) => void; onClose: () => void }) {
  const messenger = useMessenger();
  const { name } = usePerson(message.sender_id);
  const chat = useSlice(`chat:${message.chat_id}`);
  return (
    <li>
      <button
        type="button"
        class="pin-one"
        onClick={() => {
          onClose();
          onJump(message.seq);
        }}
      >
        <span class="pin-head">
          <strong>{name}</strong>
          <time dateTime={message.timestamp} title={toFull(message.timestamp)}>
            {toMoment(message.timestamp)}
          </time>
        </span>
        <span class="pin-text" dir="auto">
          {toPlainText(message.text.replaceAll(listMarks, '• '))}
        </span>
      </button>
      {mayPin(chat) && (
        <IconButton
          icon="unpin"
          label={texts().unpin}
          onClick={() =>
            void messenger
              .chat(message.chat_id)
              .pin(message.seq, false)
              .catch((error: unknown) => toast(toErrorText(error)))
          }
        />
      )}
    </li>
  );
}

/** All pinned messages of a chat. */
export const PinsDialog = ({ pins, onJump, onClose }: PinsDialogProps) => (
  <Dialog title={texts().title} onClose={onClose}>
    <ul class="pins">
      {pins.map((message) => (
        <Pin key={message.seq} message={message} onJump={onJump} onClose={onClose} />
      ))}
    </ul>
  </Dialog>
);
