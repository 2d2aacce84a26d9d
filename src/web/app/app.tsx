import { useEffect } from 'preact/hooks';
import { Toasts } from '../ui/toast.tsx';
import { Entrance } from '../entrance/entrance.tsx';
import { language } from '../texts/language.ts';
import { route } from './router.ts';
import { session } from './session.ts';
import { Shell } from './shell.tsx';
import { MessengerProvider } from './slices.ts';

/** Whoever has logged in sees the messenger, everybody else the way in. */
export function App() {
  const lang = language.value;
  useEffect(() => {
    document.documentElement.lang = lang;
  }, [lang]);
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
