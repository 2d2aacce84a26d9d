import { useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Choice } from '../ui/field.tsx';
import './mute-dialog.css';

const texts = defineTexts({
  en: {
    title: 'Mute chat',
    howLong: 'For how long',
    hour: '1 hour',
    hours: '8 hours',
    forever: 'Until I unmute',
    mute: 'Mute',
  },
  ru: {
    title: 'Выключить звук',
    howLong: 'На какое время',
    hour: 'На час',
    hours: 'На 8 часов',
    forever: 'Пока не включу',
    mute: 'Выключить',
  },
});

type Span = 'hour' | 'hours' | 'forever';

const hourMs = 3_600_000;
const spans: Record<Span, () => string> = {
  hour: () => new Date(Date.now() + hourMs).toISOString(),
  hours: () => new Date(Date.now() + 8 * hourMs).toISOString(),
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
      <div class="mute-spans">
        <Choice
          label={texts().howLong}
          value={span}
          onChange={setSpan}
          options={[
            { value: 'hour', label: texts().hour },
            { value: 'hours', label: texts().hours },
            { value: 'forever', label: texts().forever },
          ]}
        />
      </div>
      {error && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
    </Dialog>
  );
}
