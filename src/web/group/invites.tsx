import { useEffect, useState } from 'preact/hooks';
import { toErrorText } from '../app/error-text.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Confirm, Dialog } from '../ui/dialog.tsx';
import { useDeed } from './deed.ts';
import { InviteRow, type Invite } from './invite-row.tsx';
import { NewInvite } from './new-invite.tsx';
import './invites.css';

const texts = defineTexts({
  en: {
    title: 'Invite links',
    text: 'Anyone with a link can join the group.',
    none: 'No links yet.',
    make: 'Create link',
    revoke: 'Revoke link?',
    revokeText: 'No one will be able to join with it. Members who already joined stay.',
    revokeAction: 'Revoke',
  },
  ru: {
    title: 'Ссылки-приглашения',
    text: 'Вступить в группу может любой, у кого есть ссылка.',
    none: 'Ссылок пока нет.',
    make: 'Создать ссылку',
    revoke: 'Отозвать ссылку?',
    revokeText: 'Вступить по ней больше не получится. Уже вступившие останутся.',
    revokeAction: 'Отозвать',
  },
});

type View = { kind: 'list' } | { kind: 'new' } | { kind: 'revoke'; invite: Invite };

/** The links into a group: to copy, to make, to revoke. */
export function Invites({ chatId, onClose }: { chatId: string; onClose: () => void }) {
  const messenger = useMessenger();
  const [invites, setInvites] = useState<readonly Invite[]>();
  const [failure, setFailure] = useState<string>();
  const [view, setView] = useState<View>({ kind: 'list' });
  const revoking = useDeed();
  const t = texts();
  const path = `/api/v1/chats/${chatId}/invites`;
  const toList = (): void => setView({ kind: 'list' });

  useEffect(() => {
    messenger.request({ method: 'GET', path }).then(
      (rows) => setInvites(rows as Invite[]),
      (error: unknown) => setFailure(toErrorText(error)),
    );
  }, [messenger, path]);

  const revoke = async ({ id }: Invite): Promise<void> => {
    if (!(await revoking.run(() => messenger.request({ method: 'DELETE', path: `${path}/${id}` })))) return;
    setInvites(invites?.filter((one) => one.id !== id));
    toList();
  };

  if (view.kind === 'new')
    return (
      <NewInvite
        path={path}
        onMade={(invite) => {
          setInvites([invite, ...(invites ?? [])]);
          toList();
        }}
        onClose={toList}
      />
    );
  if (view.kind === 'revoke')
    return (
      <Confirm
        title={t.revoke}
        text={t.revokeText}
        action={t.revokeAction}
        danger
        busy={revoking.busy}
        error={revoking.error}
        onConfirm={() => void revoke(view.invite)}
        onClose={toList}
      />
    );
  return (
    <Dialog title={t.title} onClose={onClose}>
      <p class="info-quiet">{t.text}</p>
      {failure && (
        <p class="field-error" role="alert">
          {failure}
        </p>
      )}
      {invites && (
        <Button class="invites-make" icon="add" onClick={() => setView({ kind: 'new' })}>
          {t.make}
        </Button>
      )}
      {invites?.length === 0 && <p>{t.none}</p>}
      <ul class="invites" aria-label={t.title}>
        {invites?.map((invite) => (
          <InviteRow key={invite.id} invite={invite} onRevoke={() => setView({ kind: 'revoke', invite })} />
        ))}
      </ul>
    </Dialog>
  );
}
