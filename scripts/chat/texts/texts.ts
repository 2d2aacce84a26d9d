import { en, type Texts } from './en.ts';
import { ru } from './ru.ts';

export const languages: Record<'en' | 'ru', Texts> = { en, ru };

/** The language of the machine's user, as far as it is spoken here; else English. */
export function findLanguage(env: NodeJS.ProcessEnv): 'en' | 'ru' {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale?.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}
