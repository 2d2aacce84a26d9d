import { useState } from 'preact/hooks';
import { defineTexts } from '../texts/texts.ts';
import { IconButton } from './button.tsx';
import { TextField, type TextFieldProps } from './field.tsx';

const texts = defineTexts({
  en: { show: 'Show password', hide: 'Hide password' },
  ru: { show: 'Показать пароль', hide: 'Скрыть пароль' },
});

export interface PasswordFieldProps extends Pick<
  TextFieldProps,
  'label' | 'value' | 'onInput' | 'error' | 'hint' | 'name'
> {
  /** One that is known already, or one that is chosen now: for password managers. */
  kind: 'current' | 'new';
}

/** A password, which can be looked at. */
export function PasswordField({ kind, ...rest }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...rest}
      type={shown ? 'text' : 'password'}
      autocomplete={`${kind}-password`}
      autocapitalize="none"
      spellcheck={false}
      trailing={
        <IconButton
          icon={shown ? 'eyeOff' : 'eye'}
          label={shown ? texts().hide : texts().show}
          onClick={() => setShown(!shown)}
        />
      }
    />
  );
}
