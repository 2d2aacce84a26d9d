import { useEffect, useState } from 'preact/hooks';
import type { MessengerError } from '../../client/index.ts';
import { go, paths } from '../app/router.ts';
import { logIn, register } from '../app/session.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Note } from '../ui/note.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { toast } from '../ui/toast.tsx';
import { findBlanks, type FieldErrors } from './mistakes.ts';
import { TurnLink, type Turn } from './turn-link.tsx';
import { useForm, type FormErrors } from './use-form.ts';

const texts = defineTexts({
  en: {
    name: 'Name',
    nameHint: 'As others will see it',
    email: 'E-mail',
    phone: 'Phone',
    username: 'Username',
    by: 'Another way:',
    needed: 'One of e-mail, phone and username is needed',
    password: 'Password',
    passwordHint: 'A few words are easier to remember than a riddle',
    invite: 'Invitation code',
    inviteNeeded: 'This server takes new people by invitation. Enter the code that you were given.',
    inviteWrong: 'This code does not work. It may have been used or have expired',
    taken: 'Somebody else has this. Log in, or choose another',
    oneTaken: 'One of e-mail, phone and username belongs to somebody else.',
    made: 'Your account is ready. Log in.',
    register: 'Create the account',
    logIn: 'I have an account',
  },
  ru: {
    name: 'Имя',
    nameHint: 'Так его увидят другие',
    email: 'Почта',
    phone: 'Телефон',
    username: 'Имя пользователя',
    by: 'Другой способ:',
    needed: 'Нужна почта, телефон или имя пользователя',
    password: 'Пароль',
    passwordHint: 'Несколько слов запомнить легче, чем ребус',
    invite: 'Код приглашения',
    inviteNeeded: 'На этот сервер приходят по приглашению. Введите код, который вам дали.',
    inviteWrong: 'Этот код не подходит: он уже использован или устарел',
    taken: 'Это уже чьё-то. Войдите или выберите другое',
    oneTaken: 'Почта, телефон или имя пользователя уже заняты кем-то другим.',
    made: 'Аккаунт готов. Войдите.',
    register: 'Создать аккаунт',
    logIn: 'У меня есть аккаунт',
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

/** A new account. The e-mail address is asked for first, other identifiers by whoever wants them. */
export function RegisterForm({ turn }: { turn: Turn }) {
  const t = texts();
  const [name, setName] = useState('');
  const [identifiers, setIdentifiers] = useState<Partial<Record<Kind, string>>>({ email: '' });
  const [password, setPassword] = useState('');
  const [invite, setInvite] = useState<string>();
  const given = kinds.filter((kind) => identifiers[kind]?.trim());

  const check = (): FieldErrors => ({
    ...(given.length === 0 && { [kinds.find((kind) => kind in identifiers)!]: t.needed }),
    ...findBlanks({ name, password, ...(invite !== undefined && { invite }) }),
  });
  const send = async (): Promise<void> => {
    const own = Object.fromEntries(given.map((kind) => [kind, identifiers[kind]!.trim()]));
    await register({ name: name.trim(), ...own, password, ...(invite && { invite: invite.trim() }) });
    try {
      await logIn(own[given[0]!]!, password);
    } catch {
      toast(t.made);
      if (turn) turn('login');
      else go(paths.login);
    }
  };
  const explain = ({ code }: MessengerError): FormErrors | undefined => {
    if (code === 'identifier_taken')
      return given.length === 1 ? { fields: { [given[0]!]: t.taken } } : { fields: {}, text: t.oneTaken };
    if (code !== 'invite_needed') return undefined;
    setInvite((known) => known ?? '');
    setAsked('invite');
    return invite === undefined ? { fields: {}, text: t.inviteNeeded } : { fields: { invite: t.inviteWrong } };
  };
  const { form, errors, busy } = useForm({ check, send, explain });
  const [asked, setAsked] = useState<Kind | 'invite'>();
  useEffect(() => {
    if (asked) form.ref.current?.querySelector<HTMLInputElement>(`[name=${asked}]`)?.focus();
  }, [asked]);
  const ask = (kind: Kind): void => {
    setIdentifiers({ ...identifiers, [kind]: '' });
    setAsked(kind);
  };
  const hidden = kinds.filter((kind) => !(kind in identifiers));

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
      {kinds
        .filter((kind) => kind in identifiers)
        .map((kind) => (
          <TextField
            key={kind}
            {...attributes[kind]}
            label={t[kind]}
            name={kind}
            value={identifiers[kind]!}
            onInput={(value) => setIdentifiers({ ...identifiers, [kind]: value })}
            error={errors.fields[kind]}
            autocapitalize="none"
            spellcheck={false}
          />
        ))}
      {hidden.length > 0 && (
        <p class="entrance-more">
          <span>{t.by}</span>
          {hidden.map((kind) => (
            <Button key={kind} kind="plain" onClick={() => ask(kind)}>
              {t[kind]}
            </Button>
          ))}
        </p>
      )}
      <PasswordField
        kind="new"
        label={t.password}
        hint={t.passwordHint}
        name="password"
        value={password}
        onInput={setPassword}
        error={errors.fields['password']}
      />
      {invite !== undefined && (
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
        <TurnLink to="login" turn={turn} label={t.logIn} />
      </p>
    </form>
  );
}
