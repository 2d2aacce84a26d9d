import { useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Choice } from '../ui/field.tsx';

const texts = defineTexts({
  en: {
    title: 'Mute this chat',
    howLong: 'For how long',
    hour: 'An hour',
    day: 'A day',
    forever: 'Until I unmute it',
    mute: 'Mute',
  },
  ru: {
    title: 'Отключить уведомления',
    howLong: 'На какое время',
    hour: 'На час',
    day: 'На день',
    forever: 'Пока не включу',
    mute: 'Отключить',
  },
});

type Span = 'hour' | 'day' | 'forever';

const hourMs = 3_600_000;
const spans: Record<Span, () => string> = {
  hour: () => new Date(Date.now() + hourMs).toISOString(),
  day: () => new Date(Date.now() + 24 * hourMs).toISOString(),
  forever: () => 'forever',
};

/** Asks for how long a chat is to be silent. */
export function MuteDialog({ chatId, onClose }: { chatId: string; onClose: () => void }) {
  const chat = useMessenger().chat(chatId);
  const [span, setSpan] = useState<Span>('hour');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();

  const mute = async (): Promise<void> => {
    setBusy(true);
    try {
      await chat.updateOwn({ mutedUntil: spans[span]() });
      onClose();
    } catch (thrown) {
      setError(toErrorText(thrown));
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={texts().title}
      onClose={onClose}
      actions={
        <Button kind="primary" busy={isBusy} onClick={() => void mute()}>
          {texts().mute}
        </Button>
      }
    >
      <Choice
        label={texts().howLong}
        value={span}
        onChange={setSpan}
        options={[
          { value: 'hour', label: texts().hour },
          { value: 'day', label: texts().day },
          { value: 'forever', label: texts().forever },
        ]}
      />
      {error && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
    </Dialog>
  );
}
