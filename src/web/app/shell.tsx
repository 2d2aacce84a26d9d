/** The frame of the messenger: chats on one side, what is looked at on the other; on a phone one of the two. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ChatScreen } from '../chat/chat-screen.tsx';
import { ChatList } from '../chats/chat-list.tsx';
import { MuteHost } from '../chats/mute.tsx';
import { useNotifications } from '../chats/notify.ts';
import { useTitle } from '../chats/title.ts';
import { InviteScreen } from '../entrance/invite-screen.tsx';
import { ChatInfo } from '../group/chat-info.tsx';
import { PersonScreen } from '../group/person-screen.tsx';
import { ConnectionBar } from '../offline/connection-bar.tsx';
import { UpdateHint } from '../offline/update-hint.tsx';
import { SettingsScreen } from '../settings/settings-screen.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/note.tsx';
import { defineTexts } from '../texts/texts.ts';
import { lazily } from './lazy.tsx';
import { go, paths, route, type Route } from './router.ts';
import { useSlice } from './slices.ts';
import './shell.css';

const texts = defineTexts({
  en: {
    choose: 'Choose a chat',
    begin: 'or start a new one',
    write: 'New chat',
    notFound: 'Page not found',
  },
  ru: {
    choose: 'Выберите чат',
    begin: 'или начните новый',
    write: 'Новый чат',
    notFound: 'Страница не найдена',
  },
});

const NewChat = lazily(() => import('../chats/new-chat.tsx').then((part) => part.NewChat));
const NewGroup = lazily(() => import('../chats/new-group.tsx').then((part) => part.NewGroup));

/** As in shell.css: there is room for one of the two. */
const narrow = matchMedia('(max-width: 45rem)');
const isNarrow = signal(narrow.matches);
narrow.addEventListener('change', ({ matches }) => (isNarrow.value = matches));

/** Where a part that has the whole screen on a phone is closed, the list is seen again. */
export function Shell() {
  const current = route.value;
  useTitle();
  useNotifications();
  const isList = current.screen === 'home' || current.screen === 'login' || current.screen === 'register';
  useEffect(() => {
    // Who has logged in needs no way in, and the old pages' addresses lead here.
    if (isList) go(paths.home, { replace: true });
  }, [current]);
  return (
    <div class="shell" data-side={isList ? 'list' : 'content'}>
      <div class="shell-bars">
        <ConnectionBar />
        <UpdateHint />
      </div>
      <div class="shell-list" role={isList && isNarrow.value ? 'main' : 'complementary'}>
        <ChatList />
      </div>
      <main class="shell-content">
        <Content route={current} />
      </main>
      <MuteHost />
    </div>
  );
}

function Content({ route: current }: { route: Route }) {
  switch (current.screen) {
    case 'chat':
      return <ChatScreen key={current.chatId} chatId={current.chatId} seq={current.seq} />;
    case 'chat-info':
      return <ChatInfo key={current.chatId} chatId={current.chatId} />;
    case 'person':
      return <PersonScreen key={current.userId} userId={current.userId} />;
    case 'new-chat':
      return <NewChat />;
    case 'new-group':
      return <NewGroup />;
    case 'invite':
      return <InviteScreen key={current.token} token={current.token} />;
    case 'settings':
      return <SettingsScreen section={current.section} />;
    case 'not-found':
      return <EmptyState icon="search" title={texts().notFound} />;
    default:
      return <Home />;
  }
}

/** Nothing is looked at. Who has no chats yet is told so by the list. */
const Home = () =>
  useSlice('chats').length === 0 ? null : (
    <EmptyState icon="message" title={texts().choose} text={texts().begin}>
      <Button icon="newChat" onClick={() => go(paths.newChat)}>
        {texts().write}
      </Button>
    </EmptyState>
  );
