import { useState } from 'preact/hooks';
import { logIn } from '../app/session.ts';
import { toError } from '../app/api.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { defineTexts } from '../texts/texts.ts';

const texts = defineTexts({
  en: { identifier: 'E-mail, phone or username', password: 'Password', logIn: 'Log in' },
  ru: { identifier: 'Почта, телефон или имя пользователя', password: 'Пароль', logIn: 'Войти' },
});

/** The way in. */
export function Entrance() {
  const [identifier, setIdentifier] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string>();
  const t = texts();
  const submit = (event: Event): void => {
    event.preventDefault();
    logIn(identifier, password).catch((thrown: unknown) => setError(toError(thrown).message));
  };
  return (
    <main>
      <form onSubmit={submit}>
        <TextField label={t.identifier} value={identifier} onInput={setIdentifier} autocomplete="username" />
        <TextField label={t.password} type="password" value={password} onInput={setPassword} error={error} />
        <Button kind="primary" type="submit">
          {t.logIn}
        </Button>
      </form>
    </main>
  );
}
