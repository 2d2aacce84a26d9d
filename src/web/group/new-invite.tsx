import { useState } from 'preact/hooks';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Choice, TextField } from '../ui/field.tsx';
import { useDeed } from './deed.ts';
import type { Invite } from './invite-row.tsx';

const texts = defineTexts({
  en: {
    title: 'New invite link',
    name: 'Link name',
    nameHint: 'Only the owner and admins see it',
    valid: 'Expires after',
    day: '1 day',
    week: '7 days',
    forever: 'Never',
    uses: 'How many people can join',
    unlimited: 'No limit',
    make: 'Create link',
  },
  ru: {
    title: 'Новая ссылка-приглашение',
    name: 'Название ссылки',
    nameHint: 'Его видят только владелец и админы',
    valid: 'Действует',
    day: '1 день',
    week: '7 дней',
    forever: 'Бессрочно',
    uses: 'Сколько человек может вступить',
    unlimited: 'Без ограничений',
    make: 'Создать ссылку',
  },
});

const daySeconds = 86_400;
const seconds = { day: daySeconds, week: 7 * daySeconds, forever: null } as const;
const uses = ['1', '10', '100'] as const;
const maxTitle = 255;

export interface NewInviteProps {
  /** Of the group's invites. */
  path: string;
  onMade: (invite: Invite) => void;
  onClose: () => void;
}

/** Makes a link into a group. */
export function NewInvite({ path, onMade, onClose }: NewInviteProps) {
  const messenger = useMessenger();
  const [title, setTitle] = useState('');
  const [valid, setValid] = useState<keyof typeof seconds>('week');
  const [max, setMax] = useState<(typeof uses)[number] | 'unlimited'>('unlimited');
  const deed = useDeed();
  const t = texts();

  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    let invite: Invite | undefined;
    await deed.run(async () => {
      const body = {
        title: title.trim() === '' ? null : title.trim(),
        expires_in_seconds: seconds[valid],
        max_uses: max === 'unlimited' ? null : Number(max),
      };
      invite = (await messenger.request({ method: 'POST', path, body })) as Invite;
    });
    if (invite) onMade(invite);
  };

  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      actions={
        <Button kind="primary" type="submit" form="new-invite" busy={deed.busy}>
          {t.make}
        </Button>
      }
    >
      <form id="new-invite" class="new-invite" onSubmit={(event) => void make(event)}>
        <TextField label={t.name} hint={t.nameHint} value={title} onInput={setTitle} maxLength={maxTitle} autofocus />
        <Choice
          label={t.valid}
          value={valid}
          onChange={setValid}
          options={(['day', 'week', 'forever'] as const).map((value) => ({ value, label: t[value] }))}
        />
        <Choice
          label={t.uses}
          value={max}
          onChange={setMax}
          options={[...uses.map((value) => ({ value, label: value })), { value: 'unlimited', label: t.unlimited }]}
        />
        {deed.error && (
          <p class="field-error" role="alert">
            {deed.error}
          </p>
        )}
      </form>
    </Dialog>
  );
}
