import { useMemo, useState } from 'preact/hooks';
import type { ChatView, MemberView, Person } from '../../client/index.ts';
import { toName } from '../app/names.ts';
import { useMessenger, useSlices } from '../app/slices.ts';
import { language } from '../texts/language.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { SearchField } from '../ui/field.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { ListItem } from '../ui/list-item.tsx';
import { MemberRow } from './member-row.tsx';
import type { GroupQuestion } from './question.tsx';
import { isAdmin } from './roles.ts';
import './members.css';

const texts = defineTexts({
  en: {
    members: 'Members',
    add: 'Add members',
    invites: 'Invite links',
    search: 'Search members',
    nobody: 'No one found',
    more: (n: number) => `Show more (${n})`,
  },
  ru: {
    members: 'Участники',
    add: 'Добавить участников',
    invites: 'Ссылки-приглашения',
    search: 'Поиск участников',
    nobody: 'Никого не найдено',
    more: (n: number) => `Показать ещё (${n})`,
  },
});

/** So many and fewer are seen at a glance. */
const fewMembers = 10;
const pageRows = 100;

const rank = { owner: 0, admin: 1, member: 2 } as const;

interface Row {
  member: MemberView;
  person: Person | undefined;
}

const fold = (text: string): string => text.toLocaleLowerCase().replaceAll('ё', 'е');

/** Whether each word begins a word of the name or the username. */
function isFound({ person }: Row, query: string): boolean {
  const words = fold(`${toName(person)} ${person?.username ?? ''}`).split(/\s+/);
  return fold(query)
    .split(/\s+/)
    .every((part) => words.some((word) => word.startsWith(part.replace(/^@/, ''))));
}

/** Stands where members have their pictures. */
const Way = ({ icon }: { icon: IconName }) => (
  <span class="members-way">
    <Icon name={icon} />
  </span>
);

export interface MembersProps {
  chat: ChatView;
  onAdd: () => void;
  onInvite: () => void;
  onAsk: (question: GroupQuestion) => void;
}

/** The members of a group: the owner, the admins, then the others by name. */
export function Members({ chat, onAdd, onInvite, onAsk }: MembersProps) {
  const { user } = useMessenger();
  const [query, setQuery] = useState('');
  const [shown, setShown] = useState(pageRows);
  const people = useSlices(chat.members.map(({ user_id: id }) => `person:${id}` as const));
  const t = texts();
  const lang = language.value;

  const sorted = useMemo(() => {
    const { compare } = new Intl.Collator(lang);
    const rows: Row[] = chat.members.map((member, at) => ({ member, person: people[at] }));
    return rows.sort(
      (a, b) => rank[a.member.role] - rank[b.member.role] || compare(toName(a.person), toName(b.person)),
    );
  }, [lang, chat.members, ...people]);
  const found = query.trim() === '' ? sorted : sorted.filter((row) => isFound(row, query.trim()));

  return (
    <section class="info-card" aria-labelledby="members-title">
      <header class="info-card-head">
        <h2 id="members-title">
          {t.members} {!chat.more_members && <span class="info-count">{chat.members.length}</span>}
        </h2>
      </header>
      {isAdmin(chat.own.role) && (
        <div class="members-more">
          <ListItem leading={<Way icon="add" />} title={t.add} onSelect={onAdd} />
          <ListItem leading={<Way icon="link" />} title={t.invites} onSelect={onInvite} />
        </div>
      )}
      {(chat.members.length > fewMembers || query !== '') && (
        <SearchField label={t.search} value={query} onInput={setQuery} />
      )}
      <ul aria-labelledby="members-title">
        {found.slice(0, shown).map(({ member }) => (
          <MemberRow key={member.user_id} member={member} ownId={user?.id} ownRole={chat.own.role} onAsk={onAsk} />
        ))}
      </ul>
      {found.length === 0 && (
        <p class="info-quiet" role="status">
          {t.nobody}
        </p>
      )}
      {found.length > shown && (
        <Button class="info-more" kind="plain" onClick={() => setShown(shown + pageRows)}>
          {t.more(found.length - shown)}
        </Button>
      )}
    </section>
  );
}
