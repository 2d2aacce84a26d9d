import { chooseTheme, theme, themes } from '../app/theme.ts';
import { chooseLanguage, language, languages } from '../texts/language.ts';
import { defineTexts } from '../texts/texts.ts';
import { MenuButton } from '../ui/menu.tsx';

const texts = defineTexts({
  en: { language: 'Language', theme: 'Theme', system: 'System', light: 'Light', dark: 'Dark' },
  ru: { language: 'Язык', theme: 'Тема', system: 'Системная', light: 'Светлая', dark: 'Тёмная' },
});

/** What languages call themselves. */
const names = { en: 'English', ru: 'Русский' } as const;

/** Language and theme for who has not logged in yet. */
export function EntranceTools() {
  const t = texts();
  return (
    <>
      <MenuButton
        icon="language"
        label={t.language}
        items={languages.map((value) => ({
          label: names[value],
          checked: value === language.value,
          onSelect: () => chooseLanguage(value),
        }))}
      />
      <MenuButton
        icon="palette"
        label={t.theme}
        items={themes.map((value) => ({
          label: t[value],
          checked: value === theme.value,
          onSelect: () => chooseTheme(value),
        }))}
      />
    </>
  );
}
