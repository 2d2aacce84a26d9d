import { useEffect, useState } from 'preact/hooks';
import type { Chat } from '../../protocol/chats.ts';
import { toError } from '../app/api.ts';
import { toErrorText } from '../app/error-text.ts';
import { go, paths } from '../app/router.ts';
import { useMessenger } from '../app/slices.ts';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/note.tsx';
import { Page } from '../ui/page.tsx';
import './invite.css';

const texts = defineTexts({
  en: {
    title: 'Invitation',
    invited: "You've been invited to a group",
    member: 'You are already in this group',
    members: (n: number) => countEn(n, 'member', 'members'),
    join: 'Join',
    open: 'Open',
    invalid: "This invite doesn't work",
    invalidText: 'It has expired, been used up or been revoked. Ask for a new one.',
    failed: "Couldn't open the invite",
    again: 'Try again',
    toChats: 'Go to chats',
    loading: 'Loading…',
  },
  ru: {
    title: 'Приглашение',
    invited: 'Приглашение в группу',
    member: 'Вы уже в этой группе',
    members: (n: number) => countRu(n, 'участник', 'участника', 'участников'),
    join: 'Вступить',
    open: 'Открыть',
    invalid: 'Это приглашение не работает',
    invalidText: 'Срок истёк, места закончились или ссылку отозвали. Попросите новую.',
    failed: 'Не удалось открыть приглашение',
    again: 'Попробовать ещё раз',
    toChats: 'К чатам',
    loading: 'Загрузка…',
  },
});

/** As the server tells it: `src/protocol/invites.ts`. */
interface Preview {
  name: string;
  description: string | null;
  avatar_url: string | null;
  member_count: number;
  is_member: boolean;
}

/** Where an invite leads, and the way into that group. */
export function InvitePage({ token }: { token: string }) {
  const messenger = useMessenger();
  const [preview, setPreview] = useState<Preview>();
  const [failure, setFailure] = useState<unknown>();
  const [isJoining, setJoining] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const t = texts();
  const path = `/api/v1/invites/${encodeURIComponent(token)}`;

  useEffect(() => {
    setFailure(undefined);
    messenger.request({ method: 'GET', path }).then(
      (answer) => setPreview(answer as Preview),
      (error: unknown) => setFailure(error),
    );
  }, [messenger, path, attempt]);

  const join = async (): Promise<void> => {
    setJoining(true);
    try {
      const { id } = (await messenger.request({ method: 'POST', path: `${path}/join` })) as Chat;
      // It may be told later than this answer comes.
      if (!messenger.chat(id).view) await messenger.chat(id).get();
      go(paths.chat(id), { replace: true });
    } catch (thrown) {
      setFailure(thrown);
      setJoining(false);
    }
  };

  const isInvalid = failure !== undefined && toError(failure).code === 'invite_invalid';
  return (
    <Page title={t.title} back={paths.home}>
      {isInvalid ? (
        <EmptyState icon="link" title={t.invalid} text={t.invalidText}>
          <Button onClick={() => go(paths.home, { replace: true })}>{t.toChats}</Button>
        </EmptyState>
      ) : preview ? (
        <article class="invite">
          <p class="invite-quiet">{preview.is_member ? t.member : t.invited}</p>
          <Avatar id={preview.name} name={preview.name} src={preview.avatar_url} size={6} />
          <h2>{preview.name}</h2>
          <p class="invite-quiet">{t.members(preview.member_count)}</p>
          {preview.description && <p class="invite-about">{preview.description}</p>}
          <Button kind="primary" busy={isJoining} onClick={() => void join()}>
            {preview.is_member ? t.open : t.join}
          </Button>
          {failure !== undefined && (
            <p class="field-error" role="alert">
              {toErrorText(failure)}
            </p>
          )}
        </article>
      ) : failure === undefined ? (
        <p class="invite-quiet" role="status">
          {t.loading}
        </p>
      ) : (
        <EmptyState icon="offline" title={t.failed} text={toErrorText(failure)}>
          <Button onClick={() => setAttempt(attempt + 1)}>{t.again}</Button>
        </EmptyState>
      )}
    </Page>
  );
}
