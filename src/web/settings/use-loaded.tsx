import { useEffect, useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { useSlice } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/note.tsx';

const texts = defineTexts({
  en: { retry: 'Try again', loading: 'Loading…' },
  ru: { retry: 'Ещё раз', loading: 'Загрузка…' },
});

/** Something that the server was asked for. */
export interface Loaded<T> {
  value: T | undefined;
  /** Why there is nothing. */
  error: unknown;
  set: (value: T) => void;
  reload: () => void;
}

/** Asks once, and again when the connection is back after it failed. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [value, set] = useState<T>();
  const [error, setError] = useState<unknown>();
  const connection = useSlice('connection');
  const reload = (): void => {
    setError(undefined);
    load().then((loaded) => set(loaded), setError);
  };
  useEffect(() => {
    if (value === undefined) reload();
  }, [connection === 'online']);
  return { value, error, set, reload };
}

/** What stands there until it has come. */
export const Waiting = ({ error, reload }: Pick<Loaded<unknown>, 'error' | 'reload'>) =>
  error === undefined ? (
    <p class="settings-quiet settings-waiting">{texts().loading}</p>
  ) : (
    <Note kind="warning" action={<Button onClick={reload}>{texts().retry}</Button>}>
      {toErrorText(error)}
    </Note>
  );
