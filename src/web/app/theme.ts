/** Light or dark: chosen, else that of the system. */
import { effect, signal } from '@preact/signals';
import { onSetting, readSetting, writeSetting } from './settings.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const read = (): Theme => themes.find((theme) => theme === readSetting('theme')) ?? 'system';

/** What was chosen. */
export const theme = signal<Theme>(read());

export function chooseTheme(value: Theme): void {
  theme.value = value;
  writeSetting('theme', value === 'system' ? undefined : value);
}

onSetting((name) => {
  if (name === 'theme') theme.value = read();
});

/** Keeps the page in the theme. Its colours are `light-dark()`: the scheme of the root decides. */
export const applyTheme = (): (() => void) =>
  effect(() => {
    document.documentElement.style.colorScheme = theme.value === 'system' ? 'light dark' : theme.value;
  });
