import { useEffect, useRef } from 'preact/hooks';
import { otherOf, toChatFace } from '../app/names.ts';
import { go, paths } from '../app/router.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/note.tsx';
import { Page } from '../ui/page.tsx';
import { GroupInfo } from './group-info.tsx';
import { OwnTiles } from './own-tiles.tsx';
import { PersonPage } from './person-page.tsx';
import './info.css';
import './tile.css';

const texts = defineTexts({
  en: {
    gone: 'This chat is no longer here',
    goneText: "The group was deleted, or you're no longer a member.",
    toChats: 'Go to chats',
    loading: 'Loading…',
    info: 'Chat info',
  },
  ru: {
    gone: 'Этого чата здесь больше нет',
    goneText: 'Группа удалена, или вы в ней больше не состоите.',
    toChats: 'К чатам',
    loading: 'Загрузка…',
    info: 'О чате',
  },
});

/** A group with its members; of a direct chat the other person. */
export function ChatInfoPage({ chatId }: { chatId: string }) {
  const messenger = useMessenger();
  const chat = useSlice(`chat:${chatId}`);
  const connection = useSlice('connection');
  const isGroup = chat?.type === 'group';
  useEffect(() => {
    // Of a large group not all members are told unasked.
    if (isGroup && connection === 'online')
      messenger
        .chat(chatId)
        .get()
        .catch(() => undefined);
  }, [messenger, chatId, isGroup, connection]);

  // Whoever leaves by themselves is not told that the chat is gone while they go.
  const isEnding = useRef(false);
  const last = useRef(chat);
  if (chat) last.current = chat;
  const shown = chat ?? (isEnding.current ? last.current : undefined);
  if (!shown) return <NoChat isKnown={connection === 'online'} />;
  if (shown.type === 'group') return <GroupInfo chat={shown} onEnding={(value) => (isEnding.current = value)} />;

  const ownId = messenger.user?.id;
  const otherId = otherOf(shown, ownId)!;
  if (otherId !== ownId) return <PersonPage userId={otherId} back={paths.chat(chatId)} />;
  const face = toChatFace(shown, ownId, messenger.store);
  return (
    <Page title={texts().info} back={paths.chat(chatId)}>
      <div class="info-hero">
        <Avatar {...face} size={6} />
        <h2>{face.name}</h2>
      </div>
      <div class="tiles">
        <OwnTiles chat={shown} />
      </div>
    </Page>
  );
}

function NoChat({ isKnown }: { isKnown: boolean }) {
  const t = texts();
  return (
    <Page title={t.info} back={paths.home}>
      {isKnown ? (
        <div role="status">
          <EmptyState icon="group" title={t.gone} text={t.goneText}>
            <Button kind="primary" onClick={() => go(paths.home, { replace: true })}>
              {t.toChats}
            </Button>
          </EmptyState>
        </div>
      ) : (
        <p class="info-quiet" role="status">
          {t.loading}
        </p>
      )}
    </Page>
  );
}
