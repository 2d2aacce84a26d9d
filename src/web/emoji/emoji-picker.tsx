import { useEffect, useRef, useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { language } from '../texts/language.ts';
import { defineTexts } from '../texts/texts.ts';
import { SearchField } from '../ui/field.tsx';
import { EmojiGrid } from './emoji-grid.tsx';
import { findEmoji, listRecent, loadGroups, noteRecent, type Emoji } from './groups.ts';
import './emoji-picker.css';

const texts = defineTexts({
  en: {
    search: 'Search emoji',
    none: 'Nothing found',
    found: 'Found emoji',
    categories: 'Categories',
    recent: 'Recently used',
    names: [
      'Smileys',
      'People',
      'Animals and nature',
      'Food and drink',
      'Travel and places',
      'Activities',
      'Objects',
      'Symbols',
      'Flags',
    ].join('|'),
  },
  ru: {
    search: 'Поиск эмодзи',
    none: 'Ничего не найдено',
    found: 'Найденные эмодзи',
    categories: 'Категории',
    recent: 'Недавние',
    names: [
      'Смайлики',
      'Люди',
      'Животные и природа',
      'Еда и напитки',
      'Путешествия и места',
      'Занятия',
      'Предметы',
      'Символы',
      'Флаги',
    ].join('|'),
  },
});

const signs = ['😀', '👋', '🐻', '🍎', '🚗', '⚽', '💡', '🔣', '🏁'];
const recentSign = '🕘';

export interface EmojiPickerProps {
  onPick: (emoji: string) => void;
}

/** Emoji by category and by what one calls them. */
export function EmojiPicker({ onPick }: EmojiPickerProps) {
  const lang = language.value;
  const [groups, setGroups] = useState<Emoji[][]>([]);
  const [error, setError] = useState<string>();
  const [query, setQuery] = useState('');
  // Those picked meanwhile move nothing under the pointer.
  const [recent] = useState(listRecent);
  const [category, setCategory] = useState(recent.length > 0 ? -1 : 0);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    loadGroups(lang).then(setGroups, (thrown: unknown) => setError(toErrorText(thrown)));
  }, [lang]);

  const names = texts().names.split('|');
  const toRecent = (): Emoji[] => {
    const all = new Map(groups.flat().map((one) => [one.emoji, one]));
    return recent.map((emoji) => all.get(emoji) ?? { emoji, name: emoji, words: '' });
  };
  const isSearch = query.trim() !== '';
  const shown = isSearch ? findEmoji(groups, query) : category < 0 ? toRecent() : (groups[category] ?? []);
  const label = isSearch ? texts().found : category < 0 ? texts().recent : names[category]!;
  const tabs = [
    ...(recent.length > 0 ? [{ at: -1, sign: recentSign, name: texts().recent }] : []),
    ...signs.map((sign, at) => ({ at, sign, name: names[at]! })),
  ];
  return (
    <div ref={box} class="emoji-picker">
      <SearchField
        label={texts().search}
        value={query}
        onInput={setQuery}
        onKeyDown={(event) => {
          const first = box.current?.querySelector<HTMLElement>('.emoji-grid button');
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            first?.focus();
          } else if (event.key === 'Enter' && isSearch) first?.click();
        }}
      />
      {!isSearch && (
        <div class="emoji-tabs" role="group" aria-label={texts().categories}>
          {tabs.map(({ at, sign, name }) => (
            <button
              key={at}
              type="button"
              class="emoji-tab"
              aria-label={name}
              title={name}
              aria-pressed={at === category}
              onClick={() => setCategory(at)}
            >
              {sign}
            </button>
          ))}
        </div>
      )}
      {error !== undefined && <p class="emoji-note">{error}</p>}
      {isSearch && groups.length > 0 && shown.length === 0 && (
        <p class="emoji-note" role="status">
          {texts().none}
        </p>
      )}
      <EmojiGrid
        key={`${label}${query}`}
        label={label}
        emoji={shown}
        onPick={(emoji) => {
          noteRecent(emoji);
          onPick(emoji);
        }}
        onLeave={() => box.current?.querySelector('input')?.focus()}
      />
    </div>
  );
}
