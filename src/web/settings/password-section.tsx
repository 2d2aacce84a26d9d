import { useState } from 'preact/hooks';
import { findBlanks } from '../entrance/mistakes.ts';
import { useForm } from '../entrance/use-form.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/note.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { toast } from '../ui/toast.tsx';
import { useOwnProfile } from './own-profile.ts';

const texts = defineTexts({
  en: {
    current: 'Current password',
    next: 'New password',
    hint: 'You will be logged out on all other devices.',
    change: 'Change password',
    done: 'Password changed. Your other devices were logged out.',
  },
  ru: {
    current: 'Текущий пароль',
    next: 'Новый пароль',
    hint: 'На всех остальных устройствах нужно будет войти заново.',
    change: 'Сменить пароль',
    done: 'Пароль изменён. Остальные устройства отключены.',
  },
});

/** Another password for who knows the present one. */
export function PasswordSection() {
  const t = texts();
  const { value: profile, change } = useOwnProfile();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { form, errors, busy } = useForm({
    check: () => findBlanks({ current_password: current, password: next }),
    send: async () => {
      await change({ current_password: current, password: next });
      setCurrent('');
      setNext('');
      toast(t.done);
    },
  });
  return (
    <form class="settings-part" {...form}>
      {/* Password managers look here for whose password it is. */}
      <input
        type="text"
        name="username"
        autocomplete="username"
        value={profile?.email ?? profile?.username ?? profile?.phone ?? ''}
        readOnly
        hidden
      />
      <PasswordField
        kind="current"
        label={t.current}
        value={current}
        onInput={setCurrent}
        error={errors.fields['current_password']}
      />
      <PasswordField
        kind="new"
        label={t.next}
        hint={t.hint}
        value={next}
        onInput={setNext}
        error={errors.fields['password']}
      />
      {errors.text && <Note kind="danger">{errors.text}</Note>}
      <div class="settings-row">
        <Button kind="primary" type="submit" busy={busy}>
          {t.change}
        </Button>
      </div>
    </form>
  );
}
