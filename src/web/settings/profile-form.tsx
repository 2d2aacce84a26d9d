import { useState } from 'preact/hooks';
import type { MessengerError } from '../../client/index.ts';
import type { OwnProfile } from '../../protocol/users.ts';
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
    aboutHint: 'A line or two about you, visible to others',
    login: 'Login and contact details',
    loginHint: 'Anyone who knows one of these can find you by it.',
    usernameHint: 'Everyone can see it',
    emailHint: 'People you share a chat with can see it',
    phoneHint: 'Others see it only if they know it already',
    username: 'Username',
    email: 'E-mail',
    phone: 'Phone',
    password: 'Current password',
    passwordHint: "To confirm it's you",
    taken: 'Already taken. Choose another',
    oneTaken: 'The username, e-mail or phone is already taken.',
    save: 'Save',
    saved: 'Saved',
  },
  ru: {
    name: 'Имя',
    about: 'О себе',
    aboutHint: 'Пара строк, которые видят другие',
    login: 'Вход и контакты',
    loginHint: 'Кто знает что-то из этого, может вас найти.',
    usernameHint: 'Видят все',
    emailHint: 'Видят те, с кем есть общий чат',
    phoneHint: 'Видят только те, кто его уже знает',
    username: 'Имя пользователя',
    email: 'Почта',
    phone: 'Телефон',
    password: 'Текущий пароль',
    passwordHint: 'Чтобы подтвердить, что это вы',
    taken: 'Уже занято. Выберите другое',
    oneTaken: 'Имя пользователя, почта или телефон уже заняты.',
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
      <div>
        <h2>{t.login}</h2>
        <p class="settings-quiet">{t.loginHint}</p>
      </div>
      {identifiers.map((key) => (
        <TextField
          key={key}
          {...bind(key)}
          {...attributes[key]}
          hint={t[`${key}Hint`]}
          autocapitalize="none"
          spellcheck={false}
        />
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
