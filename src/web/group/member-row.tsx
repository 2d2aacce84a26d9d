import { useRef } from 'preact/hooks';
import type { MemberView } from '../../client/index.ts';
import { toErrorText } from '../app/error-text.ts';
import { usePerson } from '../app/names.ts';
import { useWatch } from '../app/presence.ts';
import { paths } from '../app/router.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { ListItem } from '../ui/list-item.tsx';
import { MenuButton, type MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { openDirect } from './direct.ts';
import { useOnScreen } from './on-screen.ts';
import { toPresenceText } from '../app/presence-text.ts';
import type { GroupQuestion } from './question.tsx';
import { mayRemove } from './roles.ts';

const texts = defineTexts({
  en: {
    owner: 'owner',
    admin: 'admin',
    you: 'you',
    actions: (name: string) => `Actions for ${name}`,
    write: 'Send message',
    makeAdmin: 'Make admin',
    takeBack: 'Remove as admin',
    handOver: 'Transfer ownership',
    remove: 'Remove from group',
  },
  ru: {
    owner: 'владелец',
    admin: 'админ',
    you: 'вы',
    actions: (name: string) => `Действия: ${name}`,
    write: 'Написать сообщение',
    makeAdmin: 'Сделать админом',
    takeBack: 'Снять права админа',
    handOver: 'Передать группу',
    remove: 'Удалить из группы',
  },
});

export interface MemberRowProps {
  member: MemberView;
  ownId: string | undefined;
  ownRole: MemberView['role'];
  onAsk: (question: GroupQuestion) => void;
}

/** A member with their role, and what one may do about them. */
export function MemberRow({ member: { user_id: userId, role }, ownId, ownRole, onAsk }: MemberRowProps) {
  const messenger = useMessenger();
  const ref = useRef<HTMLLIElement>(null);
  const isSeen = useOnScreen(ref);
  const isOwn = userId === ownId;
  useWatch(isSeen && !isOwn ? [userId] : []);
  const face = usePerson(userId);
  const username = useSlice(`person:${userId}`)?.username;
  const presence = useSlice(`presence:${userId}`);
  const t = texts();

  const ask = (kind: 'promote' | 'demote' | 'transfer' | 'remove') => () => onAsk({ kind, userId });
  const items: (MenuItem | false)[] = [
    {
      label: t.write,
      icon: 'message',
      onSelect: () => void openDirect(messenger, userId).catch((error: unknown) => toast(toErrorText(error))),
    },
    ownRole === 'owner' && role === 'member' && { label: t.makeAdmin, icon: 'shield', onSelect: ask('promote') },
    ownRole === 'owner' && role === 'admin' && { label: t.takeBack, icon: 'shield', onSelect: ask('demote') },
    ownRole === 'owner' && { label: t.handOver, icon: 'key', onSelect: ask('transfer') },
    mayRemove(ownRole, role) && { label: t.remove, icon: 'trash', danger: true, onSelect: ask('remove') },
  ];
  const online = !isOwn && presence?.online === true;
  const state = isOwn ? t.you : (toPresenceText(online, presence?.last_seen_at) ?? (username && `@${username}`));
  return (
    <li ref={ref} class="member-row">
      <ListItem
        href={paths.person(userId)}
        leading={<Avatar {...face} size={2.5} online={online} />}
        title={face.name}
        subtitle={
          <>
            {role !== 'member' && <span>{t[role]}</span>}
            {role !== 'member' && state && ' · '}
            {state && <span class={online ? 'info-online' : undefined}>{state}</span>}
          </>
        }
        trailing={!isOwn && <MenuButton label={t.actions(face.name)} items={items.filter((item) => item !== false)} />}
      />
    </li>
  );
}
