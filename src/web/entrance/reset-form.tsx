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
    hint: 'It ends all sessions: you log in anew on each device.',
    set: 'Set the password',
    done: 'The new password is set. Log in with it.',
    noToken: 'This link is not whole. Open it once more, or ask for a new one.',
    logIn: 'Back to log in',
  },
  ru: {
    password: 'Новый пароль',
    hint: 'Все сеансы завершатся: на каждом устройстве нужно будет войти заново.',
    set: 'Задать пароль',
    done: 'Новый пароль задан. Войдите с ним.',
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
        {t.set}
      </Button>
      {back}
    </form>
  );
}
