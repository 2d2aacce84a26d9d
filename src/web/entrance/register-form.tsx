import { useEffect, useState } from 'preact/hooks';
import type { MessengerError } from '../../client/index.ts';
import { go, paths } from '../app/router.ts';
import { logIn, register } from '../app/session.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Choice, TextField } from '../ui/field.tsx';
import { Note } from '../ui/note.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { toast } from '../ui/toast.tsx';
import { findBlanks, type FieldErrors } from './mistakes.ts';
import { TurnLink, type Turn } from './turn-link.tsx';
import { useForm, type FormErrors } from './use-form.ts';

const texts = defineTexts({
  en: {
    name: 'Name',
    nameHint: 'This is how others will see you',
    email: 'E-mail',
    phone: 'Phone',
    username: 'Username',
    usernameShort: 'Username',
    by: 'Log in with',
    password: 'Password',
    passwordHint: 'Use a phrase of a few words',
    invite: 'Invitation code',
    inviteNeeded: 'This server is invite-only. Enter the code you were given.',
    inviteWrong: "This code doesn't work. It may be used or expired",
    taken: 'Already taken. Log in, or choose another',
    made: 'Your account is ready. Log in.',
    register: 'Create account',
    known: 'Already have an account?',
    logIn: 'Log in',
  },
  ru: {
    name: 'Имя',
    nameHint: 'Так вас увидят другие',
    email: 'Почта',
    phone: 'Телефон',
    username: 'Имя пользователя',
    usernameShort: '@имя',
    by: 'Для входа',
    password: 'Пароль',
    passwordHint: 'Подойдёт фраза из нескольких слов',
    invite: 'Код приглашения',
    inviteNeeded: 'Регистрация здесь только по приглашению. Введите код, который вам дали.',
    inviteWrong: 'Этот код не подходит: он уже использован или устарел',
    taken: 'Уже занято. Войдите или выберите другое',
    made: 'Аккаунт готов. Войдите.',
    register: 'Создать аккаунт',
    known: 'Уже есть аккаунт?',
    logIn: 'Войти',
  },
});

const kinds = ['email', 'phone', 'username'] as const;
type Kind = (typeof kinds)[number];

/** How a field for each of them behaves; a password manager keeps the e-mail or the username. */
const attributes = {
  email: { type: 'email', autocomplete: 'email' },
  phone: { type: 'tel', autocomplete: 'tel' },
  username: { type: 'text', autocomplete: 'username' },
} as const;

/** A new account, with one identifier. Others can be added to the profile. */
export function RegisterForm({ turn }: { turn: Turn }) {
  const t = texts();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('email');
  const [identifier, setIdentifier] = useState('');
  const [password, setPassword] = useState('');
  const [invite, setInvite] = useState<string>();

  const check = (): FieldErrors =>
    findBlanks({ name, [kind]: identifier, password, ...(invite !== undefined && { invite }) });
  const send = async (): Promise<void> => {
    const own = identifier.trim();
    await register({ name: name.trim(), [kind]: own, password, ...(invite && { invite: invite.trim() }) });
    try {
      await logIn(own, password);
    } catch {
      toast(t.made);
      if (turn) turn('login');
      else go(paths.login);
    }
  };
  const explain = ({ code }: MessengerError): FormErrors | undefined => {
    if (code === 'identifier_taken') return { fields: { [kind]: t.taken } };
    if (code !== 'invite_needed') return undefined;
    setInvite((known) => known ?? '');
    return invite === undefined ? { fields: {}, text: t.inviteNeeded } : { fields: { invite: t.inviteWrong } };
  };
  const { form, errors, busy } = useForm({ check, send, explain });
  const isInvited = invite !== undefined;
  useEffect(() => {
    if (isInvited) form.ref.current?.querySelector<HTMLInputElement>('[name=invite]')?.focus();
  }, [isInvited]);

  return (
    <form class="entrance-form" {...form}>
      <TextField
        label={t.name}
        hint={t.nameHint}
        name="name"
        value={name}
        onInput={setName}
        error={errors.fields['name']}
        autocomplete="name"
        autocapitalize="words"
      />
      <Choice
        label={t.by}
        value={kind}
        options={kinds.map((value) => ({ value, label: value === 'username' ? t.usernameShort : t[value] }))}
        onChange={(chosen) => {
          setKind(chosen);
          setIdentifier('');
        }}
      />
      <TextField
        key={kind}
        {...attributes[kind]}
        label={t[kind]}
        name={kind}
        value={identifier}
        onInput={setIdentifier}
        error={errors.fields[kind]}
        autocapitalize="none"
        spellcheck={false}
      />
      <PasswordField
        kind="new"
        label={t.password}
        hint={t.passwordHint}
        name="password"
        value={password}
        onInput={setPassword}
        error={errors.fields['password']}
      />
      {isInvited && (
        <TextField
          label={t.invite}
          name="invite"
          value={invite}
          onInput={setInvite}
          error={errors.fields['invite']}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
      )}
      {errors.text && <Note kind="danger">{errors.text}</Note>}
      <Button kind="primary" type="submit" busy={busy}>
        {t.register}
      </Button>
      <p class="entrance-other">
        {t.known} <TurnLink to="login" turn={turn} label={t.logIn} />
      </p>
    </form>
  );
}
