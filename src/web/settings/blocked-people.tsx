import type { Profile } from '../../protocol/users.ts';
import { toErrorText } from '../app/error-text.ts';
import { paths } from '../app/router.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { ListItem } from '../ui/list-item.tsx';
import { toast } from '../ui/toast.tsx';
import { useLoaded, Waiting } from './use-loaded.tsx';

const texts = defineTexts({
  en: {
    nobody: "No one yet. People you block can't message you or see when you're online.",
    unblock: 'Unblock',
    unblockWhom: (name: string) => `Unblock ${name}`,
    more: 'Show more',
    deleted: 'Deleted account',
  },
  ru: {
    nobody: 'Пока никого. Заблокированные не могут вам писать и не видят, когда вы в сети.',
    unblock: 'Разблокировать',
    unblockWhom: (name: string) => `Разблокировать: ${name}`,
    more: 'Показать ещё',
    deleted: 'Удалённый аккаунт',
  },
});

interface People {
  users: Profile[];
  next: string | null;
}

/** Whom one has blocked. */
export function BlockedPeople() {
  const t = texts();
  const messenger = useMessenger();
  const read = async (after = ''): Promise<People> =>
    (await messenger.request({ method: 'GET', path: `/api/v1/users/me/blocks?limit=50${after}` })) as People;
  const { value: people, set, ...waiting } = useLoaded(() => read());
  if (people === undefined) return <Waiting {...waiting} />;
  const { users, next } = people;

  const unblock = async (userId: string): Promise<void> => {
    try {
      await messenger.request({ method: 'DELETE', path: `/api/v1/users/${userId}/block` });
      set({ users: users.filter(({ id }) => id !== userId), next });
    } catch (error) {
      toast(toErrorText(error));
    }
  };
  const showMore = async (): Promise<void> => {
    try {
      const page = await read(`&after=${next ?? ''}`);
      set({ users: [...users, ...page.users], next: page.next });
    } catch (error) {
      toast(toErrorText(error));
    }
  };

  if (users.length === 0) return <p class="settings-quiet">{t.nobody}</p>;
  return (
    <>
      <ul>
        {users.map(({ id, deleted, avatar_small_url: src, ...user }) => {
          const name = deleted ? t.deleted : user.name;
          return (
            <li key={id}>
              <ListItem
                leading={<Avatar id={id} name={name} src={src} size={2.5} />}
                title={name}
                href={paths.person(id)}
                trailing={
                  <Button
                    class="settings-unblock"
                    kind="plain"
                    aria-label={t.unblockWhom(name)}
                    onClick={() => void unblock(id)}
                  >
                    {t.unblock}
                  </Button>
                }
              />
            </li>
          );
        })}
      </ul>
      {next !== null && (
        <div class="settings-row">
          <Button onClick={() => void showMore()}>{t.more}</Button>
        </div>
      )}
    </>
  );
}
