import { useState } from 'preact/hooks';
import type { MessengerError } from '../../client/index.ts';
import type { OwnProfile } from '../../protocol/users.ts';
import { toErrorText } from '../app/error-text.ts';
import { findBlanks } from '../entrance/mistakes.ts';
import { useForm, type FormErrors } from '../entrance/use-form.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Note } from '../ui/note.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { toast } from '../ui/toast.tsx';

const texts = defineTexts({
  en: {
    name: 'Name',
    about: 'About',
    aboutHint: 'A line or two that others see',
    login: 'How you log in and are found',
    username: 'Username',
    email: 'E-mail',
    phone: 'Phone',
    password: 'Current password',
    passwordHint: 'To be sure that it is you who changes this',
    taken: 'This belongs to somebody else. Choose another',
    oneTaken: 'One of username, e-mail and phone belongs to somebody else.',
    save: 'Save',
    saved: 'Saved',
  },
  ru: {
    name: 'Имя',
    about: 'О себе',
    aboutHint: 'Пара строк, которые видят другие',
    login: 'Для входа и поиска',
    username: 'Имя пользователя',
    email: 'Почта',
    phone: 'Телефон',
    password: 'Текущий пароль',
    passwordHint: 'Чтобы это не изменил кто-то другой',
    taken: 'Это уже чьё-то. Выберите другое',
    oneTaken: 'Имя пользователя, почта или телефон уже заняты кем-то другим.',
    save: 'Сохранить',
    saved: 'Сохранено',
  },
});

const keys = ['name', 'about', 'username', 'email', 'phone'] as const;
const identifiers = ['username', 'email', 'phone'] as const;
type Fields = Record<(typeof keys)[number], string>;

const toFields = (profile: OwnProfile): Fields => ({
  name: profile.name,
  about: profile.about ?? '',
  username: profile.username ?? '',
  email: profile.email ?? '',
  phone: profile.phone ?? '',
});

const attributes = {
  username: { type: 'text', autocomplete: 'username' },
  email: { type: 'email', autocomplete: 'email' },
  phone: { type: 'tel', autocomplete: 'tel' },
} as const;

export interface ProfileFormProps {
  profile: OwnProfile;
  change: (fields: object) => Promise<OwnProfile>;
}

/** Names and identifiers; who changes an identifier says the password. */
export function ProfileForm({ profile, change }: ProfileFormProps) {
  const t = texts();
  const stored = toFields(profile);
  const [fields, setFields] = useState(stored);
  const [password, setPassword] = useState('');
  const changed = keys.filter((key) => fields[key].trim() !== stored[key]);
  const changedIdentifiers = identifiers.filter((key) => changed.includes(key));
  const isDelicate = changedIdentifiers.length > 0;

  const send = async (): Promise<void> => {
    const values = changed.map((key) => [key, fields[key].trim() || null] as const);
    const answer = await change({ ...Object.fromEntries(values), ...(isDelicate && { current_password: password }) });
    setFields(toFields(answer));
    setPassword('');
    toast(t.saved);
  };
  const explain = (error: MessengerError): FormErrors | undefined => {
    if (error.code === 'wrong_password') return { fields: { current_password: toErrorText(error) } };
    if (error.code !== 'identifier_taken') return undefined;
    const [first, ...more] = changedIdentifiers.filter((key) => fields[key].trim() !== '');
    return first !== undefined && more.length === 0
      ? { fields: { [first]: t.taken } }
      : { fields: {}, text: t.oneTaken };
  };
  const { form, errors, busy } = useForm({
    check: () => findBlanks({ name: fields.name, ...(isDelicate && { current_password: password }) }),
    send,
    explain,
  });
  const bind = (key: keyof Fields) => ({
    label: t[key],
    name: key,
    value: fields[key],
    onInput: (value: string) => setFields({ ...fields, [key]: value }),
    error: errors.fields[key],
  });

  return (
    <form class="settings-part" {...form}>
      <TextField {...bind('name')} autocomplete="name" autocapitalize="words" />
      <TextField {...bind('about')} rows={3} hint={t.aboutHint} />
      <h2>{t.login}</h2>
      {identifiers.map((key) => (
        <TextField key={key} {...bind(key)} {...attributes[key]} autocapitalize="none" spellcheck={false} />
      ))}
      {isDelicate && (
        <PasswordField
          kind="current"
          label={t.password}
          hint={t.passwordHint}
          value={password}
          onInput={setPassword}
          error={errors.fields['current_password']}
        />
      )}
      {errors.text && <Note kind="danger">{errors.text}</Note>}
      <div class="settings-row">
        <Button kind="primary" type="submit" busy={busy} disabled={changed.length === 0}>
          {t.save}
        </Button>
      </div>
    </form>
  );
}
