import { usePerson } from '../app/names.ts';
import { go, paths } from '../app/router.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { Link } from '../ui/link.tsx';
import { MenuButton } from '../ui/menu.tsx';
import { ownId } from './own-id.ts';
import { texts } from './texts.ts';

/** Who one is, with the way to the settings, and what begins a talk. */
export function ListHead() {
  const { name, id, src } = usePerson(ownId() ?? '');
  const t = texts();
  return (
    <header class="chat-list-head">
      <Link class="chat-list-own" href={paths.settings}>
        <Avatar id={id} name={name} src={src} size={2.25} />
        <span class="chat-list-own-name">{name}</span>
        <Icon name="settings" />
        <span class="unseen">{t.settings}</span>
      </Link>
      <MenuButton
        icon="newChat"
        label={t.newMenu}
        items={[
          { label: t.newChat, icon: 'message', onSelect: () => go(paths.newChat) },
          { label: t.newGroup, icon: 'group', onSelect: () => go(paths.newGroup) },
        ]}
      />
    </header>
  );
}
