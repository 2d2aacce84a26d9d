import { useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { go, paths } from '../app/router.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { findDay } from './timeline/find-day.ts';

const texts = defineTexts({
  en: { title: 'Go to date', date: 'Messages from', go: 'Go', none: 'No messages yet.' },
  ru: { title: 'Перейти к дате', date: 'Сообщения с', go: 'Перейти', none: 'Сообщений пока нет.' },
});

const toDate = (at: Date): string =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

/** Asks for a day and shows its first message. */
export function DayDialog({ chatId, onClose }: { chatId: string; onClose: () => void }) {
  const chat = useMessenger().chat(chatId);
  const today = toDate(new Date());
  const [date, setDate] = useState(today);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();

  const show = async (): Promise<void> => {
    setBusy(true);
    try {
      const seq = await findDay(chat, new Date(`${date}T00:00:00`).getTime());
      if (seq === undefined) return setError(texts().none);
      onClose();
      go(paths.chat(chatId, seq), { replace: true });
    } catch (thrown) {
      setError(toErrorText(thrown));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={texts().title}
      onClose={onClose}
      actions={
        <Button kind="primary" type="submit" form="day-form" busy={isBusy} disabled={date === ''}>
          {texts().go}
        </Button>
      }
    >
      <form
        id="day-form"
        onSubmit={(event) => {
          event.preventDefault();
          void show();
        }}
      >
        <TextField label={texts().date} type="date" value={date} onInput={setDate} max={today} error={error} required />
      </form>
    </Dialog>
  );
}
