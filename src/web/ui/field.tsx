import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { defineTexts } from '../texts/texts.ts';
import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';
import './field.css';

const texts = defineTexts({ en: { empty: 'Clear search' }, ru: { empty: 'Очистить поиск' } });

export interface TextFieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  /** What is wrong with it; it is announced and marks the field. */
  error?: string | undefined;
  hint?: string;
  type?: 'text' | 'email' | 'tel' | 'password' | 'date';
  autocomplete?: string;
  autocapitalize?: 'none' | 'words';
  autofocus?: boolean;
  spellcheck?: boolean;
  /** A button inside it, at its end; of one line only. */
  trailing?: ComponentChildren;
  /** In UTF-16 units; the server's own bound is told by it. */
  maxLength?: number;
  required?: boolean;
  disabled?: boolean;
  readOnly?: boolean;
  min?: string;
  max?: string;
  name?: string;
  /** Several lines; Enter begins another one. */
  rows?: number;
}

export function TextField({
  label,
  value,
  onInput,
  error,
  hint,
  rows,
  trailing,
  type = 'text',
  ...rest
}: TextFieldProps) {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  const shared = {
    id,
    class: 'field-input',
    value,
    onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value),
    'aria-invalid': error !== undefined,
    ...(described !== '' && { 'aria-describedby': described }),
  };
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {rows === undefined ? (
        <div class="field-line">
          <input {...({ ...rest, ...shared, type } as InputHTMLAttributes)} />
          {trailing}
        </div>
      ) : (
        <textarea {...rest} {...shared} rows={rows} />
      )}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

export interface SearchFieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
  autofocus?: boolean;
}

/** A line to search with; Escape empties it. */
export function SearchField({ label, value, onInput, onKeyDown, autofocus = false }: SearchFieldProps) {
  const ref = useRef<HTMLInputElement>(null);
  return (
    <div class="search">
      <Icon name="search" />
      <input
        ref={ref}
        class="field-input search-field"
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        autocomplete="off"
        spellcheck={false}
        autofocus={autofocus}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') {
            event.preventDefault();
            onInput('');
          }
          onKeyDown?.(event);
        }}
      />
      {value !== '' && (
        <IconButton
          icon="close"
          label={texts().empty}
          onClick={() => {
            onInput('');
            ref.current!.focus();
          }}
        />
      )}
    </div>
  );
}

export interface SwitchProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: string;
  disabled?: boolean;
}

export function Switch({ label, checked, onChange, hint, disabled = false }: SwitchProps) {
  const id = useId();
  return (
    <div class="switch">
      <div>
        <label for={id}>{label}</label>
        {hint && (
          <p class="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        class="switch-input"
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        {...(hint && { 'aria-describedby': `${id}-hint` })}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </div>
  );
}

export interface ChoiceProps<T extends string> {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
}

/** One of a few. */
export function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="field-label">{label}</legend>
      <div class="choice-options">
        {options.map((option) => (
          <label key={option.value} class="choice-option">
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
