import { useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';

/** Something that is asked of the server: whether it is on its way, and why it did not work. */
export interface Deed {
  busy: boolean;
  error: string | undefined;
  /** Carries it out; answers whether it worked. */
  run: (act: () => Promise<unknown>) => Promise<boolean>;
}

export function useDeed(): Deed {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = async (act: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setError(undefined);
    try {
      await act();
      return true;
    } catch (thrown) {
      setError(toErrorText(thrown));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}
