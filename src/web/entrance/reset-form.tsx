import { useState } from 'preact/hooks';
import { call } from '../app/api.ts';
import { go, paths } from '../app/router.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Link } from '../ui/link.tsx';
import { Note } from '../ui/note.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { toast } from '../ui/toast.tsx';
import { findBlanks } from './mistakes.ts';
import { useForm } from './use-form.ts';

const texts = defineTexts({
  en: {
    password: 'New password',
    hint: 'You will be logged out on all devices.',
    save: 'Save password',
    done: 'Password changed. Log in with the new one.',
    noToken: 'This link is incomplete. Open it again or ask for a new one.',
    logIn: 'Back to login',
  },
  ru: {
    password: 'Новый пароль',
    hint: 'На всех устройствах нужно будет войти заново.',
    save: 'Сохранить пароль',
    done: 'Пароль изменён. Войдите с новым.',
    noToken: 'Ссылка неполная. Откройте её ещё раз или попросите новую.',
    logIn: 'Вернуться ко входу',
  },
});

/** A new password by the link of whoever runs the server; its secret stands after `#`, where no server sees it. */
export function ResetForm() {
  const t = texts();
  const token = location.hash.slice(1);
  const [password, setPassword] = useState('');
  const { form, errors, busy } = useForm({
    check: () => findBlanks({ password }),
    send: async () => {
      await call({ method: 'POST', path: '/api/v1/auth/password-reset', body: { token, password } });
      toast(t.done);
      go(paths.login, { replace: true });
    },
  });
  const back = (
    <p class="entrance-other">
      <Link href={paths.login}>{t.logIn}</Link>
    </p>
  );
  if (token === '')
    return (
      <div class="entrance-form">
        <Note kind="warning">{t.noToken}</Note>
        {back}
      </div>
    );
  return (
    <form class="entrance-form" {...form}>
      <PasswordField
        kind="new"
        label={t.password}
        hint={t.hint}
        name="password"
        value={password}
        onInput={setPassword}
        error={errors.fields['password']}
      />
      {errors.text && <Note kind="danger">{errors.text}</Note>}
      <Button kind="primary" type="submit" busy={busy}>
        {t.save}
      </Button>
      {back}
    </form>
  );
}
