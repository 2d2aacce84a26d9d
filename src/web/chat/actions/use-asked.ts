import { useEffect, useState } from 'preact/hooks';
import { toErrorText } from '../../app/error-text.ts';

export interface Asked<T> {
  value: T | undefined;
  /** Why there is none. */
  error: string | undefined;
}

/** What the server answers to a question that is asked once. */
export function useAsked<T>(ask: () => Promise<T>): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ value: undefined, error: undefined });
  useEffect(() => {
    ask().then(
      (value) => setAsked({ value, error: undefined }),
      (error: unknown) => setAsked({ value: undefined, error: toErrorText(error) }),
    );
  }, []);
  return asked;
}
