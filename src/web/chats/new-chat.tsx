import { useEffect, useRef, useState } from 'preact/hooks';
import { paths } from '../app/router.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { SearchField } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { ListItem } from '../ui/list-item.tsx';
import { Page } from '../ui/page.tsx';
import { isTouch } from '../ui/touch.ts';
import { openDirect } from './open-direct.ts';
import { FoundAvatar, toDetail } from './person-item.tsx';
import { usePeople } from './use-people.ts';
import './new-chat.css';

const texts = defineTexts({
  en: {
    title: 'New chat',
    search: 'Name, username, e-mail or phone',
    newGroup: 'New group',
    known: 'Recent',
    found: 'People',
  },
  ru: {
    title: 'Новый чат',
    search: 'Имя, @имя, почта или телефон',
    newGroup: 'Новая группа',
    known: 'Недавние',
    found: 'Люди',
  },
});

/** Finds a person and opens the chat with them. */
export function NewChat() {
  const messenger = useMessenger();
  const [typed, setTyped] = useState('');
  const { people, status } = usePeople(typed);
  const ref = useRef<HTMLDivElement>(null);
  const t = texts();
  const isBlank = typed.trim() === '';
  useEffect(() => {
    if (!isTouch()) ref.current?.querySelector('input')?.focus();
  }, []);
  const pick = (userId: string): void => void openDirect(messenger, userId);
  return (
    <Page title={t.title} back={paths.home}>
      <div class="new-chat" ref={ref}>
        <SearchField
          label={t.search}
          value={typed}
          onInput={setTyped}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !isBlank && people[0]) pick(people[0].id);
          }}
        />
        {isBlank && (
          <ListItem
            leading={
              <span class="new-chat-icon">
                <Icon name="group" />
              </span>
            }
            title={t.newGroup}
            href={paths.newGroup}
          />
        )}
        {people.length > 0 && (
          <section>
            <h2 class="new-chat-heading">{isBlank ? t.known : t.found}</h2>
            <ul>
              {people.map((person) => (
                <li key={person.id}>
                  <ListItem
                    leading={<FoundAvatar person={person} />}
                    title={person.name}
                    subtitle={toDetail(person)}
                    onSelect={() => pick(person.id)}
                  />
                </li>
              ))}
            </ul>
          </section>
        )}
        <p class="new-chat-status" role="status">
          {status}
        </p>
      </div>
    </Page>
  );
}
