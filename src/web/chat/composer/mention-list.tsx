import type { Person } from '../../../client/index.ts';
import { toName } from '../../app/names.ts';
import { defineTexts } from '../../texts/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';

const texts = defineTexts({ en: { members: 'Members' }, ru: { members: 'Участники' } });

export interface MentionListProps {
  id: string;
  people: readonly Person[];
  current: number;
  onPick: (person: Person) => void;
}

/** The id of an option, for `aria-activedescendant`. */
export const toOptionId = (id: string, at: number): string => `${id}-${at}`;

/** Who can be meant by what is being typed. The field keeps the focus and says which one is chosen. */
export const MentionList = ({ id, people, current, onPick }: MentionListProps) => (
  <ul id={id} class="composer-people" role="listbox" aria-label={texts().members}>
    {people.map((person, at) => (
      <li
        key={person.id}
        id={toOptionId(id, at)}
        class="composer-person"
        role="option"
        aria-selected={at === current}
        onPointerDown={(event) => {
          event.preventDefault();
          onPick(person);
        }}
      >
        <Avatar id={person.id} name={person.name} src={person.avatar_small_url} size={2} />
        <span class="composer-person-name">{toName(person)}</span>
        {person.username !== null && <span class="composer-person-more">@{person.username}</span>}
      </li>
    ))}
  </ul>
);
