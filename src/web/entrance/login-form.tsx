import { useState } from 'preact/hooks';
import { MessengerError } from '../../client/index.ts';
import { toErrorText } from '../app/error-text.ts';
import { logIn, session } from '../app/session.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Note } from '../ui/note.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { findBlanks } from './mistakes.ts';
import { TurnLink, type Turn } from './turn-link.tsx';
import { useForm } from './use-form.ts';

const texts = defineTexts({
  en: {
    identifier: 'E-mail, phone or username',
    password: 'Password',
    logIn: 'Log in',
    unknown: 'No account yet?',
    register: 'Create account',
    ended: 'You were logged out on this device. Log in again to continue.',
    forgotten: 'Forgot password?',
    forgottenText: 'Ask the admin of this server for a link to set a new one.',
  },
  ru: {
    identifier: 'Почта, телефон или имя пользователя',
    password: 'Пароль',
    logIn: 'Войти',
    unknown: 'Ещё нет аккаунта?',
    register: 'Создать аккаунт',
    ended: 'Вход на этом устройстве больше не действует. Войдите ещё раз, чтобы продолжить.',
    forgotten: 'Забыли пароль?',
    forgottenText: 'Попросите у администратора сервера ссылку для сброса пароля.',
  },
});

/** In by what one has. */
export function LoginForm({ turn }: { turn: Turn }) {
  const [identifier, setIdentifier] = useState('');
  const [password, setPassword] = useState('');
  const { form, errors, busy } = useForm({
    check: () => findBlanks({ identifier, password }),
    send: () => logIn(identifier.trim(), password),
    explain: (error) => {
      // Whatever is wrong with what was typed, nobody has it.
      const isWrong = error.code === 'wrong_credentials' || error.mistakes.length > 0;
      return isWrong ? { fields: {}, text: toErrorText(new MessengerError('wrong_credentials')) } : undefined;
    },
  });
  const t = texts();
  const state = session.value;
  return (
    <form class="entrance-form" {...form}>
      {state.kind === 'out' && state.ended && <Note>{t.ended}</Note>}
      <TextField
        label={t.identifier}
        name="username"
        value={identifier}
        onInput={setIdentifier}
        error={errors.fields['identifier']}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
      />
      <PasswordField
        kind="current"
        label={t.password}
        name="password"
        value={password}
        onInput={setPassword}
        error={errors.fields['password']}
      />
      {errors.text && <Note kind="danger">{errors.text}</Note>}
      <Button kind="primary" type="submit" busy={busy}>
        {t.logIn}
      </Button>
      <details class="entrance-forgotten">
        <summary>{t.forgotten}</summary>
        <p>{t.forgottenText}</p>
      </details>
      <p class="entrance-other">
        {t.unknown} <TurnLink to="register" turn={turn} label={t.register} />
      </p>
    </form>
  );
}
