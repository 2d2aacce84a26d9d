import { defineTexts } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { FoundAvatar, toDetail, type Found } from './person-item.tsx';
import './people-choice.css';

const texts = defineTexts({
  en: { remove: (name: string) => `Take ${name} away` },
  ru: { remove: (name: string) => `Убрать: ${name}` },
});

export interface ChipsProps {
  people: readonly Found[];
  onRemove: (person: Found) => void;
}

/** Who was chosen; pressing one takes them away. */
export const Chips = ({ people, onRemove }: ChipsProps) =>
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

export interface PeopleChoiceProps {
  people: readonly Found[];
  chosen: readonly Found[];
  onChoose: (person: Found, on: boolean) => void;
}

/** People to tick. */
export const PeopleChoice = ({ people, chosen, onChoose }: PeopleChoiceProps) => (
  <ul>
    {people.map((person) => (
      <li key={person.id}>
        <label class="people-choice">
          <FoundAvatar person={person} />
          <span class="people-choice-text">
            <span class="people-choice-name">{person.name}</span>
            <span class="people-choice-detail">{toDetail(person)}</span>
          </span>
          <input
            type="checkbox"
            checked={chosen.some(({ id }) => id === person.id)}
            onChange={(event) => onChoose(person, event.currentTarget.checked)}
          />
        </label>
      </li>
    ))}
  </ul>
);
