/** What all forms that speak to the server have in common. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MessengerError } from '../../client/index.ts';
import { toError } from '../app/api.ts';
import { toErrorText } from '../app/error-text.ts';
import { toFieldErrors, type FieldErrors } from './mistakes.ts';

/** What became of sending a form: mistakes by field, and what is wrong with it as a whole. */
export interface FormErrors {
  fields: FieldErrors;
  text?: string | undefined;
}

export interface FormOptions {
  /** Mistakes that need no asking of the server. */
  check: () => FieldErrors;
  /** Sends it. What it throws is shown. */
  send: () => Promise<void>;
  /** Errors that mean something of their own in this form; undefined: they do not. */
  explain?: (error: MessengerError) => FormErrors | undefined;
}

const none: FormErrors = { fields: {} };

function toFormErrors(error: MessengerError): FormErrors {
  // Whoever has to say the present password says it in a field of this name.
  if (error.code === 'wrong_password') return { fields: { current_password: toErrorText(error) } };
  const fields = toFieldErrors(error);
  return Object.keys(fields).length > 0 ? { fields } : { fields, text: toErrorText(error) };
}

/** A form: put `form` on the element. After mistakes the first wrong field has the focus. */
export function useForm({ check, send, explain }: FormOptions) {
  const [errors, setErrors] = useState<FormErrors>(none);
  const [busy, setBusy] = useState(false);
  const ref = useRef<HTMLFormElement>(null);
  useEffect(() => {
    ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);

  const submit = async (): Promise<void> => {
    const blanks = check();
    if (Object.keys(blanks).length > 0) {
      setErrors({ fields: blanks });
      return;
    }
    setErrors(none);
    setBusy(true);
    try {
      await send();
    } catch (thrown) {
      const error = toError(thrown);
      setErrors(explain?.(error) ?? toFormErrors(error));
    } finally {
      setBusy(false);
    }
  };
  return {
    errors,
    busy,
    form: {
      ref,
      noValidate: true,
      onSubmit: (event: Event): void => {
        event.preventDefault();
        if (!busy) void submit();
      },
    },
  };
}
