import { chooseTheme, theme, themes } from '../app/theme.ts';
import { chooseLanguage, chosenLanguage, type Language } from '../texts/language.ts';
import { defineTexts } from '../texts/texts.ts';
import { Choice } from '../ui/field.tsx';

const texts = defineTexts({
  en: { language: 'Language', theme: 'Theme', system: 'System', light: 'Light', dark: 'Dark' },
  ru: { language: 'Язык', theme: 'Тема', system: 'Системная', light: 'Светлая', dark: 'Тёмная' },
});

const ofSystem = defineTexts({ en: { language: 'System' }, ru: { language: 'Системный' } });

/** How the messenger looks on this device. */
export function LookSection() {
  const t = texts();
  return (
    <div class="settings-part">
      <Choice<Language | 'system'>
        label={t.language}
        value={chosenLanguage() ?? 'system'}
        options={[
          { value: 'system', label: ofSystem().language },
          { value: 'en', label: 'English' },
          { value: 'ru', label: 'Русский' },
        ]}
        onChange={(value) => chooseLanguage(value === 'system' ? undefined : value)}
      />
      <Choice
        label={t.theme}
        value={theme.value}
        options={themes.map((value) => ({ value, label: t[value] }))}
        onChange={chooseTheme}
      />
    </div>
  );
}
