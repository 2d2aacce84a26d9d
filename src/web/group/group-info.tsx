import { useState } from 'preact/hooks';
import type { ChatView } from '../../client/index.ts';
import { lazily } from '../app/lazy.tsx';
import { paths } from '../app/router.ts';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Page } from '../ui/page.tsx';
import { Members } from './members.tsx';
import { MutedLine, OwnTiles } from './own-tiles.tsx';
import { Question, type GroupQuestion } from './question.tsx';
import { isAdmin } from './roles.ts';

const EditGroup = lazily<{ chat: ChatView; onClose: () => void }>(() =>
  import('./edit-group.tsx').then((part) => part.EditGroup),
);
const AddMembers = lazily<{ chat: ChatView; onClose: () => void }>(() =>
  import('./add-members.tsx').then((part) => part.AddMembers),
);
const Invites = lazily<{ chatId: string; onClose: () => void }>(() =>
  import('./invites.tsx').then((part) => part.Invites),
);

const texts = defineTexts({
  en: {
    title: 'Group info',
    edit: 'Edit group',
    members: (n: number) => countEn(n, 'member', 'members'),
    leave: 'Leave group',
    delete: 'Delete group',
  },
  ru: {
    title: 'О группе',
    edit: 'Изменить группу',
    members: (n: number) => countRu(n, 'участник', 'участника', 'участников'),
    leave: 'Выйти из группы',
    delete: 'Удалить группу',
  },
});

export interface GroupInfoProps {
  chat: ChatView;
  /** One is about to leave by oneself, or has not managed to. */
  onEnding: (isEnding: boolean) => void;
}

type Open = 'edit' | 'add' | 'invites' | undefined;

/** A group, its members, and what one may do as its owner, admin or member. */
export function GroupInfo({ chat, onEnding }: GroupInfoProps) {
  const [open, setOpen] = useState<Open>();
  const [question, setQuestion] = useState<GroupQuestion>();
  const t = texts();
  const close = (): void => setOpen(undefined);
  const name = chat.name ?? '';
  const mayChange = isAdmin(chat.own.role);
  return (
    <Page
      title={t.title}
      back={paths.chat(chat.id)}
      actions={mayChange && <IconButton icon="edit" label={t.edit} onClick={() => setOpen('edit')} />}
    >
      <div class="info-hero">
        <Avatar id={name} name={name} src={chat.avatar_url} size={6} />
        <h2>{name}</h2>
        {!chat.more_members && <p class="info-quiet">{t.members(chat.members.length)}</p>}
        {chat.description && <p class="info-about">{chat.description}</p>}
        <MutedLine chat={chat} />
      </div>
      <div class="tiles">
        <OwnTiles chat={chat} />
      </div>
      <Members chat={chat} onAdd={() => setOpen('add')} onInvite={() => setOpen('invites')} onAsk={setQuestion} />
      <div class="info-ends">
        <Button icon="exit" kind="danger" onClick={() => setQuestion({ kind: 'leave' })}>
          {t.leave}
        </Button>
        {chat.own.role === 'owner' && (
          <Button icon="trash" kind="danger" onClick={() => setQuestion({ kind: 'delete' })}>
            {t.delete}
          </Button>
        )}
      </div>
      {open === 'edit' && <EditGroup chat={chat} onClose={close} />}
      {open === 'add' && <AddMembers chat={chat} onClose={close} />}
      {open === 'invites' && <Invites chatId={chat.id} onClose={close} />}
      {question && (
        <Question chat={chat} question={question} onEnding={onEnding} onClose={() => setQuestion(undefined)} />
      )}
    </Page>
  );
}
