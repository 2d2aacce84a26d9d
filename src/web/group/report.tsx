import { useState } from 'preact/hooks';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { toast } from '../ui/toast.tsx';
import { useDeed } from './deed.ts';

const texts = defineTexts({
  en: {
    title: (name: string) => `Report ${name}`,
    reason: 'What happened?',
    hint: "Only this server's admin will read it.",
    needed: 'Briefly describe what happened.',
    send: 'Send',
    sent: "Thank you. This server's admin will read it.",
  },
  ru: {
    title: (name: string) => `Жалоба: ${name}`,
    reason: 'Что случилось?',
    hint: 'Это прочтёт только администратор сервера.',
    needed: 'Расскажите в нескольких словах, что случилось.',
    send: 'Отправить',
    sent: 'Спасибо. Администратор сервера это прочтёт.',
  },
});

const maxReason = 1_000;

export interface ReportProps {
  userId: string;
  name: string;
  onClose: () => void;
}

/** Tells the operator about a person. */
export function Report({ userId, name, onClose }: ReportProps) {
  const messenger = useMessenger();
  const [reason, setReason] = useState('');
  const [isBlank, setBlank] = useState(false);
  const deed = useDeed();
  const t = texts();
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBlank(reason.trim() === '');
    if (reason.trim() === '') return;
    const body = { user_id: userId, reason: reason.trim() };
    if (!(await deed.run(() => messenger.request({ method: 'POST', path: '/api/v1/reports', body })))) return;
    toast(t.sent);
    onClose();
  };
  return (
    <Dialog
      title={t.title(name)}
      onClose={onClose}
      actions={
        <Button kind="primary" type="submit" form="report" busy={deed.busy}>
          {t.send}
        </Button>
      }
    >
      <form id="report" onSubmit={(event) => void send(event)}>
        <TextField
          label={t.reason}
          hint={t.hint}
          rows={4}
          maxLength={maxReason}
          value={reason}
          onInput={setReason}
          error={isBlank ? t.needed : deed.error}
        />
      </form>
    </Dialog>
  );
}
