import { useEffect } from 'preact/hooks';
import { Toasts } from '../ui/toast.tsx';
import { Entrance } from '../entrance/entrance.tsx';
import { language } from '../texts/language.ts';
import { loadErrorWords } from './error-text.ts';
import { lazily } from './lazy.tsx';
import { route } from './router.ts';
import { session } from './session.ts';
import { MessengerProvider } from './slices.ts';

const Shell = lazily(() => import('./shell.tsx').then((part) => part.Shell));

/** Whoever has logged in sees the messenger, everybody else the way in. */
export function App() {
  const lang = language.value;
  useEffect(() => {
    document.documentElement.lang = lang;
  }, [lang]);
  useEffect(() => {
    // Behind what is seen first; until they are there an error is told by its code.
    loadErrorWords().catch(() => undefined);
  }, []);
  const state = session.value;
  // A link of an operator sets a password for whoever holds it, logged in or not.
  const isIn = state.kind === 'in' && route.value.screen !== 'reset';
  return (
    <>
      {isIn ? (
        <MessengerProvider key={state.userId} value={state.messenger}>
          <Shell />
        </MessengerProvider>
      ) : (
        <Entrance />
      )}
      <Toasts />
    </>
  );
}
