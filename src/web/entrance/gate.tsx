import { useEffect, useRef, useState } from 'preact/hooks';
import { route } from '../app/router.ts';
import { defineTexts } from '../texts/texts.ts';
import { EntranceTools } from './entrance-tools.tsx';
import { LoginForm } from './login-form.tsx';
import { RegisterForm } from './register-form.tsx';
import { ResetForm } from './reset-form.tsx';
import './entrance.css';

const texts = defineTexts({
  en: { login: 'Log in', register: 'Create account', reset: 'Reset password', tools: 'Appearance' },
  ru: { login: 'Вход', register: 'Создать аккаунт', reset: 'Сброс пароля', tools: 'Вид' },
});

/** The same in every language, as in the title of the page. */
const product = 'Messenger';

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
        <div class="entrance-product">
          <Mark />
          <p>{product}</p>
        </div>
        <h1>{t[mode]}</h1>
        {mode === 'login' && <LoginForm turn={turn} />}
        {mode === 'register' && <RegisterForm turn={turn} />}
        {mode === 'reset' && <ResetForm />}
      </main>
    </div>
  );
}

/** The picture of the browser's tab, in the colours of the theme. */
const Mark = () => (
  <svg viewBox="0 0 32 32" width="56" height="56" aria-hidden="true">
    <path
      class="entrance-mark"
      d="M6 4h20a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H14l-7 6v-6H6a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4z"
    />
    <path class="entrance-mark-lines" d="M9 11h14M9 17h9" />
  </svg>
);
