import { paths } from '../app/router.ts';
import { useSlice } from '../app/slices.ts';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { ListItem } from '../ui/list-item.tsx';

const texts = defineTexts({
  en: { title: 'Groups in common', members: (n: number) => countEn(n, 'member', 'members') },
  ru: {
    title: 'Общие группы',
    members: (n: number) => countRu(n, 'участник', 'участника', 'участников'),
  },
});

/** The groups that one shares with a person, as far as their members are known. */
export function CommonGroups({ userId }: { userId: string }) {
  const groups = useSlice('chats').filter(
    ({ type, members }) => type === 'group' && members.some(({ user_id: id }) => id === userId),
  );
  const t = texts();
  if (groups.length === 0) return null;
  return (
    <section class="info-card" aria-labelledby="common-title">
      <header class="info-card-head">
        <h2 id="common-title">
          {t.title} <span class="info-count">{groups.length}</span>
        </h2>
      </header>
      <ul>
        {groups.map(({ id, name, avatar_small_url: src, members, more_members: areMore }) => (
          <li key={id}>
            <ListItem
              href={paths.chat(id)}
              leading={<Avatar id={name ?? ''} name={name ?? ''} src={src} size={2.5} />}
              title={name}
              {...(!areMore && { subtitle: t.members(members.length) })}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
