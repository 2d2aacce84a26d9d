import { useEffect, useState } from 'preact/hooks';
import { toErrorText } from '../../app/error-text.ts';

export interface Asked<T> {
  value: T | undefined;
  /** Why there is none. */
  error: string | undefined;
}

/** What the server answers to a question that is asked once, and again when `about` becomes another. */
export function useAsked<T>(ask: () => Promise<T>, about?: unknown): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ value: undefined, error: undefined });
  useEffect(() => {
    let isCurrent = true;
    const settle = (answer: Asked<T>): void => {
      if (isCurrent) setAsked(answer);
    };
    ask().then(
      (value) => settle({ value, error: undefined }),
      (error: unknown) => settle({ value: undefined, error: toErrorText(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [about]);
  return asked;
}
