import { useEffect, useState } from 'preact/hooks';
import type { MessengerError } from '../../client/index.ts';
import type { Profile } from '../../protocol/users.ts';
import { toError } from '../app/api.ts';
import { toErrorText } from '../app/error-text.ts';
import { toName } from '../app/names.ts';
import { paths } from '../app/router.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/note.tsx';
import { Page } from '../ui/page.tsx';
import { PersonInfo } from './person-info.tsx';

const texts = defineTexts({
  en: {
    title: 'Profile',
    unknown: 'No one found',
    unknownText: 'The address may be wrong.',
    deleted: 'This account was deleted. Its messages stay in the chats.',
    failed: "Couldn't load the profile",
    again: 'Try again',
    loading: 'Loading…',
  },
  ru: {
    title: 'Профиль',
    unknown: 'Никого не найдено',
    unknownText: 'Возможно, в адресе ошибка.',
    deleted: 'Этот аккаунт удалён. Его сообщения остались в чатах.',
    failed: 'Не удалось загрузить профиль',
    again: 'Попробовать ещё раз',
    loading: 'Загрузка…',
  },
});

/** These say that there is nobody of this id. */
const unknownCodes: readonly MessengerError['code'][] = ['unknown_user', 'invalid_request', 'not_found'];

/** A person, and what one may do about them. `back`: where the arrow leads. */
export function PersonPage({ userId, back = paths.home }: { userId: string; back?: string }) {
  const messenger = useMessenger();
  const connection = useSlice('connection');
  const [profile, setProfile] = useState<Profile>();
  const [failure, setFailure] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  const t = texts();

  useEffect(() => {
    // What failed without a network is tried again when it is there.
    if (connection === 'online' && failure !== undefined) setAttempt((number) => number + 1);
  }, [connection]);

  useEffect(() => {
    let isHere = true;
    setFailure(undefined);
    messenger.request({ method: 'GET', path: `/api/v1/users/${encodeURIComponent(userId)}` }).then(
      (answer) => isHere && setProfile(answer as Profile),
      (error: unknown) => isHere && setFailure(error),
    );
    return () => void (isHere = false);
  }, [messenger, userId, attempt]);

  if (profile && !profile.deleted)
    return (
      <Page title={t.title} back={back}>
        <PersonInfo profile={profile} onChange={setProfile} />
      </Page>
    );
  return (
    <Page title={t.title} back={back}>
      {profile ? (
        <EmptyState icon="person" title={toName(profile)} text={t.deleted} />
      ) : failure === undefined ? (
        <p class="info-quiet" role="status">
          {t.loading}
        </p>
      ) : unknownCodes.includes(toError(failure).code) ? (
        <EmptyState icon="search" title={t.unknown} text={t.unknownText} />
      ) : (
        <EmptyState icon="offline" title={t.failed} text={toErrorText(failure)}>
          <Button onClick={() => setAttempt(attempt + 1)}>{t.again}</Button>
        </EmptyState>
      )}
    </Page>
  );
}
