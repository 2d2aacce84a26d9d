import { useEffect, useRef, useState } from 'preact/hooks';
import { route } from '../app/router.ts';
import { defineTexts } from '../texts/texts.ts';
import { EntranceTools } from './entrance-tools.tsx';
import { LoginForm } from './login-form.tsx';
import { RegisterForm } from './register-form.tsx';
import { ResetForm } from './reset-form.tsx';
import './entrance.css';

const texts = defineTexts({
  en: { login: 'Log in', register: 'New account', reset: 'New password', tools: 'Appearance' },
  ru: { login: 'Вход', register: 'Новый аккаунт', reset: 'Новый пароль', tools: 'Вид' },
});

type Mode = 'login' | 'register' | 'reset';

/**
 * The way in. Login and registration have addresses of their own; at any other address it is the login that is shown, and
 * the address stays: who has got in is where they wanted to be.
 */
export function Gate() {
  const { screen } = route.value;
  const isOwn = screen === 'login' || screen === 'register' || screen === 'reset';
  const [elsewhere, setElsewhere] = useState<Mode>('login');
  useEffect(() => setElsewhere('login'), [screen]);
  const mode = isOwn ? screen : elsewhere;
  const main = useRef<HTMLElement>(null);
  useEffect(() => main.current?.querySelector('input')?.focus(), [mode]);
  const turn = isOwn || screen === 'home' ? undefined : setElsewhere;
  const t = texts();
  return (
    <div class="entrance">
      <header class="entrance-tools" aria-label={t.tools}>
        <EntranceTools />
      </header>
      <main ref={main} class="entrance-main">
        <img class="entrance-mark" src="/favicon.svg" alt="" width="56" height="56" />
        <h1>{t[mode]}</h1>
        {mode === 'login' && <LoginForm turn={turn} />}
        {mode === 'register' && <RegisterForm turn={turn} />}
        {mode === 'reset' && <ResetForm />}
      </main>
    </div>
  );
}
