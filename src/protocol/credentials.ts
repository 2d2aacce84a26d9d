/** What people are known by and prove themselves with, as it is typed. */
import { z } from 'zod';
import { toUuid } from './ids.ts';
import { limits } from './limits.ts';
import { countCodePoints, findTextMistake } from './text.ts';

/** Names that stand in addresses where a username may stand too. */
const reservedUsernames = new Set([
  'me',
  'create',
  'update',
  'add_picture',
  'avatar',
  'picture',
  'users',
  'user',
  'admin',
  'system',
  'server',
  'all',
  'everyone',
  'here',
]);

type Complain = (message: string, type: string) => void;

const checked = (check: (value: string, complain: Complain) => void) =>
  z.string().superRefine((value, context) => {
    const mistake = findTextMistake(value);
    const complain: Complain = (message, type) => context.addIssue({ code: 'custom', message, params: { type } });
    if (mistake === undefined) check(value, complain);
    else complain(mistake, 'string_value');
  });

/** An e-mail address, kept as written and compared without regard to case. Whether it is reachable is not looked at. */
export const email = checked((value, complain) => {
  const isAddress = /^[^\s@]+@[^\s@]+$/.test(value);
  if (!isAddress || new TextEncoder().encode(value).length > limits.text.maxEmailBytes)
    complain(`Input should be an e-mail address of at most ${limits.text.maxEmailBytes} bytes`, 'value_error');
}).meta({ description: 'E-mail address; case does not matter', examples: ['alice@example.com'] });

/** A telephone number with its country's code. */
export const phone = checked((value, complain) => {
  if (!/^\+\d{8,15}$/.test(value)) complain('Input should be + and 8 to 15 digits', 'string_pattern_mismatch');
}).meta({ description: '`+` and 8 to 15 digits', examples: ['+79991234567'] });

/** Letters, digits, `_`, `.` and `-`, a letter or digit first; never a word that addresses use, nor the form of a UUID. */
export const usernameOf = (min: number, max: number) =>
  checked((value, complain) => {
    const length = countCodePoints(value);
    if (length < min) complain(`Username should have at least ${min} characters`, 'string_too_short');
    if (length > max) complain(`Username should have at most ${max} characters`, 'string_too_long');
    if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]*$/u.test(value) || value !== value.normalize('NFKC'))
      complain(
        'Username should be of letters, digits, _, . and -, beginning with a letter or digit',
        'string_pattern_mismatch',
      );
    if (reservedUsernames.has(value.toLowerCase()) || toUuid(value) !== undefined)
      complain('This username is reserved', 'value_error');
  }).meta({ description: 'Letters, digits, `_`, `.`, `-`; case does not matter', examples: ['alice'] });

export const username = usernameOf(limits.text.minUsernameCodePoints, limits.text.maxUsernameCodePoints);

const passwordBytes = (value: string): number => new TextEncoder().encode(value).length;

/** Any text of 1 to 72 bytes: bcrypt reads no more, so of a longer one it would accept all others that begin alike. */
export const password = checked((value, complain) => {
  if (value === '') complain('Password must not be empty', 'string_too_short');
  if (passwordBytes(value) > limits.password.maxBytes)
    complain(`Password must have at most ${limits.password.maxBytes} bytes`, 'string_too_long');
});

/** What a new password must be beyond its form; `undefined` when it is good enough. */
export type PasswordPolicy = (password: string) => string | undefined;

/** A password that somebody chooses now. */
export const newPassword = (policy: PasswordPolicy) =>
  password.superRefine((value, context) => {
    const mistake = policy(value);
    if (mistake !== undefined)
      context.addIssue({ code: 'custom', message: mistake, params: { type: 'weak_password' } });
  });

/** What an identifier is typed as at login; only its form as text is looked at, so that every wrong one is answered alike. */
export const typedIdentifier = checked((value, complain) => {
  if (countCodePoints(value) > limits.text.maxNameCodePoints)
    complain(`Input should have at most ${limits.text.maxNameCodePoints} characters`, 'string_too_long');
});

export const secret = checked((value, complain) => {
  if (value.length > limits.tokens.maxLength) complain('Input is too long', 'string_too_long');
});
