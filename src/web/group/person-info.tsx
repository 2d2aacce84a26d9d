import { useState } from 'preact/hooks';
import type { Profile } from '../../protocol/users.ts';
import { toErrorText } from '../app/error-text.ts';
import { lazily } from '../app/lazy.tsx';
import { useWatch } from '../app/presence.ts';
import { go, paths } from '../app/router.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/note.tsx';
import { toast } from '../ui/toast.tsx';
import { Block } from './block.tsx';
import { CommonGroups } from './common-groups.tsx';
import { findDirect, openDirect } from './direct.ts';
import { MutedLine, OwnTiles } from './own-tiles.tsx';
import { toPresenceText } from '../app/presence-text.ts';
import { Tile } from './tile.tsx';
import './info.css';
import './tile.css';

const Report = lazily<{ userId: string; name: string; onClose: () => void }>(() =>
  import('./report.tsx').then((part) => part.Report),
);

const texts = defineTexts({
  en: {
    write: 'Message',
    notes: 'Notes',
    settings: 'Settings',
    you: 'This is you',
    about: 'About',
    username: 'Username',
    email: 'E-mail',
    phone: 'Phone',
    facts: 'About this person',
    blocked: "You blocked this person. You can't message each other.",
    block: 'Block',
    unblock: 'Unblock',
    report: 'Report',
  },
  ru: {
    write: 'Написать',
    notes: 'Заметки',
    settings: 'Настройки',
    you: 'Это вы',
    about: 'О себе',
    username: 'Имя пользователя',
    email: 'Почта',
    phone: 'Телефон',
    facts: 'О человеке',
    blocked: 'Этот человек заблокирован. Вы не можете писать друг другу.',
    block: 'Заблокировать',
    unblock: 'Разблокировать',
    report: 'Пожаловаться',
  },
});

export interface PersonInfoProps {
  profile: Profile;
  /** One has blocked or unblocked the person. */
  onChange: (profile: Profile) => void;
}

/** What is known of a person. */
export function PersonInfo({ profile, onChange }: PersonInfoProps) {
  const messenger = useMessenger();
  const [open, setOpen] = useState<'block' | 'report'>();
  useSlice('chats');
  const ownId = messenger.user?.id;
  const isOwn = profile.id === ownId;
  const direct = findDirect(messenger.store, profile.id, ownId);
  const t = texts();
  const close = (): void => setOpen(undefined);
  const write = (): void => void openDirect(messenger, profile.id).catch((error: unknown) => toast(toErrorText(error)));
  return (
    <>
      <div class="info-hero">
        <Head profile={profile} isOwn={isOwn} />
        {direct && <MutedLine chat={direct} />}
      </div>
      {profile.blocked && <Note kind="warning">{t.blocked}</Note>}
      <div class="tiles">
        <Tile icon="message" label={isOwn ? t.notes : t.write} onSelect={write} />
        {isOwn && <Tile icon="settings" label={t.settings} onSelect={() => go(paths.settings)} />}
        {direct && <OwnTiles chat={direct} />}
      </div>
      <Facts profile={profile} />
      {!isOwn && <CommonGroups userId={profile.id} />}
      {!isOwn && (
        <div class="info-ends">
          <Button icon="block" kind={profile.blocked ? 'secondary' : 'danger'} onClick={() => setOpen('block')}>
            {profile.blocked ? t.unblock : t.block}
          </Button>
          <Button icon="flag" kind="danger" onClick={() => setOpen('report')}>
            {t.report}
          </Button>
        </div>
      )}
      {open === 'block' && (
        <Block profile={profile} onDone={(blocked) => onChange({ ...profile, blocked })} onClose={close} />
      )}
      {open === 'report' && <Report userId={profile.id} name={profile.name} onClose={close} />}
    </>
  );
}

function Head({ profile, isOwn }: { profile: Profile; isOwn: boolean }) {
  useWatch(isOwn ? [] : [profile.id]);
  const presence = useSlice(`presence:${profile.id}`);
  const online = !isOwn && !profile.blocked && presence?.online === true;
  const state = isOwn
    ? texts().you
    : toPresenceText(online, profile.blocked ? null : (presence?.last_seen_at ?? profile.last_seen_at));
  return (
    <>
      <Avatar id={profile.id} name={profile.name} src={profile.avatar_url} size={6} />
      <h2>{profile.name}</h2>
      {state && <p class={online ? 'info-online' : 'info-quiet'}>{state}</p>}
    </>
  );
}

function Facts({ profile: { username, about, email, phone } }: { profile: Profile }) {
  const t = texts();
  const facts = [
    [t.about, about],
    [t.username, username && `@${username}`],
    [t.email, email && <a href={`mailto:${email}`}>{email}</a>],
    [t.phone, phone && <a href={`tel:${phone}`}>{phone}</a>],
  ] as const;
  const known = facts.filter(([, value]) => value);
  if (known.length === 0) return null;
  return (
    <section class="info-card" aria-label={t.facts}>
      <dl class="info-facts">
        {known.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
