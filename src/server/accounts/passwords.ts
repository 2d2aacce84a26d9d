import type { PasswordPolicy } from '../../protocol/credentials.ts';
import { countCodePoints } from '../../protocol/text.ts';
import { commonPasswords } from './common-passwords.ts';

/** What a person may choose: long enough, and not one that everybody tries first. There are no rules of composition. */
export const createPasswordPolicy =
  (minLength: number): PasswordPolicy =>
  (password) => {
    if (countCodePoints(password) < minLength) return `Password should have at least ${minLength} characters`;
    if (commonPasswords.has(password.toLowerCase()))
      return 'This password is one of the first that are tried; choose another';
    return undefined;
  };
