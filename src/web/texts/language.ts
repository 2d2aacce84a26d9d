/** In which language the client speaks: chosen, else the first of the browser's that is known, else English. */
import { computed, signal } from '@preact/signals';
import { onSetting, readSetting, writeSetting } from '../app/settings.ts';

export const languages = ['en', 'ru'] as const;
export type Language = (typeof languages)[number];

const isLanguage = (value: string | undefined): value is Language => languages.includes(value as Language);

const chosen = signal<Language | undefined>(readLanguage());

function readLanguage(): Language | undefined {
  const value = readSetting('language');
  return isLanguage(value) ? value : undefined;
}

onSetting((name) => {
  if (name === 'language') chosen.value = readLanguage();
});

const ofBrowser = (): Language =>
  navigator.languages.map((tag) => tag.split('-')[0]).find((tag) => isLanguage(tag)) ?? 'en';

/** The language of this moment. Whoever reads it while rendering is rendered anew when it changes. */
export const language = computed<Language>(() => chosen.value ?? ofBrowser());

/** Undefined: that of the browser again. */
export function chooseLanguage(value: Language | undefined): void {
  chosen.value = value;
  writeSetting('language', value);
}

/** What was chosen; undefined: that of the browser. */
export const chosenLanguage = (): Language | undefined => chosen.value;
