/** What is wrong with the fields of a form about a person, in the words of whoever fills it in. */
import type { MessengerError, Mistake } from '../../client/index.ts';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';

const texts = defineTexts({
  en: {
    blank: 'Fill this in',
    name: "Too long, or has characters that can't be in a name",
    about: 'At most 256 characters, no special ones',
    email: "This doesn't look like an e-mail address",
    phone: 'Enter + and the full number, such as +79991234567',
    usernameLength: '3 to 32 characters',
    usernameLetters: 'Only letters, digits, _ . and -, starting with a letter or digit',
    usernameReserved: "This name isn't available. Choose another",
    passwordShort: (min: number) => `At least ${countEn(min, 'character', 'characters')}`,
    passwordLong: 'At most 72 Latin letters, fewer in other scripts',
    passwordCommon: 'This password is too common. Choose another',
    other: "Something isn't right here",
  },
  ru: {
    blank: 'Заполните это поле',
    name: 'Слишком длинное имя или есть недопустимые знаки',
    about: 'Не больше 256 знаков и без особых символов',
    email: 'Это не похоже на адрес почты',
    phone: 'Нужен + и номер целиком, например +79991234567',
    usernameLength: 'От 3 до 32 знаков',
    usernameLetters: 'Только буквы, цифры, _ . и -, в начале буква или цифра',
    usernameReserved: 'Это имя занять нельзя. Выберите другое',
    passwordShort: (min: number) => `Не меньше ${countRu(min, 'знака', 'знаков', 'знаков')}`,
    passwordLong: 'Не больше 72 латинских букв или 36 русских',
    passwordCommon: 'Слишком распространённый пароль. Придумайте другой',
    other: 'Здесь что-то не так',
  },
});

/** What is wrong with each field, by the field's name. */
export type FieldErrors = Readonly<Record<string, string>>;

function toPasswordText({ type, msg }: Mistake): string {
  const t = texts();
  if (type === 'string_too_long') return t.passwordLong;
  if (type !== 'weak_password') return type === 'string_too_short' ? t.blank : t.other;
  // How long it has to be is for the operator to say, and only this text tells.
  const min = /\d+/.exec(msg)?.[0];
  return min === undefined ? t.passwordCommon : t.passwordShort(Number(min));
}

function toUsernameText({ type }: Mistake): string {
  const t = texts();
  if (type === 'string_too_short' || type === 'string_too_long') return t.usernameLength;
  return type === 'value_error' ? t.usernameReserved : t.usernameLetters;
}

function toText(field: string, mistake: Mistake): string {
  const t = texts();
  if (mistake.type === 'missing') return t.blank;
  switch (field) {
    case 'name':
      return /empty/.test(mistake.msg) ? t.blank : t.name;
    case 'about':
    case 'email':
    case 'phone':
      return t[field];
    case 'username':
      return toUsernameText(mistake);
    case 'password':
      return toPasswordText(mistake);
    default:
      return t.other;
  }
}

/** The mistakes that the server told, by field; of several in one field the first. */
export function toFieldErrors({ mistakes }: Pick<MessengerError, 'mistakes'>): FieldErrors {
  const errors: Record<string, string> = {};
  for (const mistake of mistakes) {
    const field = String(mistake.loc.at(-1));
    errors[field] ??= toText(field, mistake);
  }
  return errors;
}

/** A mistake for each of these fields that is empty. */
export const findBlanks = (fields: Readonly<Record<string, string>>): FieldErrors =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value.trim() === '')
      .map(([field]) => [field, texts().blank]),
  );
