import { useState } from 'preact/hooks';
import { defineTexts } from '../texts/texts.ts';
import { CheckItem } from '../ui/check-item.tsx';
import { SearchField } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { FoundAvatar, toDetail, type Found } from './person-item.tsx';
import { usePeople } from './use-people.ts';
import './people-picker.css';

const texts = defineTexts({
  en: {
    search: 'Name, username, e-mail or phone',
    known: 'Recent',
    found: 'People',
    member: 'already in the group',
    remove: (name: string) => `Remove ${name}`,
  },
  ru: {
    search: 'Имя, @имя, почта или телефон',
    known: 'Недавние',
    found: 'Люди',
    member: 'уже в группе',
    remove: (name: string) => `Убрать: ${name}`,
  },
});

export interface PeoplePickerProps {
  picked: readonly Found[];
  onChange: (picked: readonly Found[]) => void;
  /** Who cannot be picked: they are in it already. */
  members?: ReadonlySet<string>;
  autofocus?: boolean;
}

/** Picks several people: of those one talks to, and of all on the server. */
export function PeoplePicker({ picked, onChange, members, autofocus = false }: PeoplePickerProps) {
  const [typed, setTyped] = useState('');
  const { people, status } = usePeople(typed, members);
  const t = texts();
  const isBlank = typed.trim() === '';
  const toggle = (person: Found, on: boolean): void => {
    const others = picked.filter(({ id }) => id !== person.id);
    onChange(on ? [person, ...others] : others);
  };
  return (
    <div class="people-picker">
      <Chips people={picked} onRemove={(person) => toggle(person, false)} />
      <SearchField
        label={t.search}
        value={typed}
        onInput={setTyped}
        autofocus={autofocus}
        onKeyDown={(event) => {
          // It sends no form by mistake.
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      {people.length > 0 && (
        <ul aria-label={isBlank ? t.known : t.found}>
          {people.map((person) => (
            <li key={person.id}>
              <CheckItem
                leading={<FoundAvatar person={person} />}
                title={person.name}
                subtitle={members?.has(person.id) ? t.member : toDetail(person)}
                checked={picked.some(({ id }) => id === person.id)}
                disabled={members?.has(person.id) ?? false}
                onChange={(on) => toggle(person, on)}
              />
            </li>
          ))}
        </ul>
      )}
      <p class="people-picker-status" role="status">
        {status}
      </p>
    </div>
  );
}

interface ChipsProps {
  people: readonly Found[];
  onRemove: (person: Found) => void;
}

/** Who was picked; pressing one takes them away. */
const Chips = ({ people, onRemove }: ChipsProps) =>
  people.length === 0 ? null : (
    <ul class="chips">
      {people.map((person) => (
        <li key={person.id}>
          <button type="button" class="chip" aria-label={texts().remove(person.name)} onClick={() => onRemove(person)}>
            <span class="chip-name">{person.name}</span>
            <Icon name="close" size={0.875} />
          </button>
        </li>
      ))}
    </ul>
  );
