import { useEffect, useReducer } from 'preact/hooks';
import type { ChatView, Presence } from '../../client/index.ts';
import { otherOf, toName } from '../app/names.ts';
import { useWatch } from '../app/presence.ts';
import { session } from '../app/session.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { toAgo } from '../texts/dates.ts';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';

const texts = defineTexts({
  en: {
    typesOne: (name: string) => `${name} is typing…`,
    typeTwo: (a: string, b: string) => `${a} and ${b} are typing…`,
    typeMany: (n: number) => `${countEn(n, 'person', 'people')} are typing…`,
    online: 'online',
    lastSeen: (ago: string) => `last seen ${ago}`,
    members: (n: number) => countEn(n, 'member', 'members'),
  },
  ru: {
    typesOne: (name: string) => `${name} печатает…`,
    typeTwo: (a: string, b: string) => `${a} и ${b} печатают…`,
    typeMany: (n: number) => `печатают ${countRu(n, 'человек', 'человека', 'человек')}…`,
    online: 'в сети',
    lastSeen: (ago: string) => `последний раз в сети: ${ago}`,
    members: (n: number) => countRu(n, 'участник', 'участника', 'участников'),
  },
});

const nobody: readonly string[] = [];

/** Who types; else who is there, or how many belong to it. */
export function HeadStatus({ chat }: { chat: ChatView }) {
  const { store } = useMessenger();
  const ownId = session.value.kind === 'in' ? session.value.userId : '';
  const other = otherOf(chat, ownId);
  const isPerson = other !== undefined && other !== ownId;
  useWatch(isPerson ? [other] : nobody);
  const presence = useSlice(`presence:${other ?? ''}`);
  const typing = useSlice(`typing:${chat.id}`).filter((id) => id !== ownId);
  const [a, b] = typing.map((id) => toName(store.get(`person:${id}`)));
  if (typing.length === 1) return <Status isActive>{texts().typesOne(a!)}</Status>;
  if (typing.length === 2) return <Status isActive>{texts().typeTwo(a!, b!)}</Status>;
  if (typing.length > 2) return <Status isActive>{texts().typeMany(typing.length)}</Status>;
  if (isPerson) return presence ? <Present presence={presence} /> : <Status> </Status>;
  if (chat.type !== 'group') return null;
  return <Status>{chat.more_members ? ' ' : texts().members(chat.members.length)}</Status>;
}

const Status = ({ children, isActive = false }: { children: string; isActive?: boolean }) => (
  <span class={isActive ? 'chat-head-status chat-head-active' : 'chat-head-status'}>{children}</span>
);

const minuteMs = 60_000;

/** Whether somebody is there, else when they were; that ages while one looks at it. */
function Present({ presence: { online, last_seen_at: lastSeenAt } }: { presence: Presence }) {
  const [, tick] = useReducer((n: number, _minute: void) => n + 1, 0);
  useEffect(() => {
    if (online || lastSeenAt === null) return undefined;
    const timer = setInterval(() => tick(), minuteMs);
    return () => clearInterval(timer);
  }, [online, lastSeenAt]);
  if (online) return <Status isActive>{texts().online}</Status>;
  return <Status>{lastSeenAt === null ? ' ' : texts().lastSeen(toAgo(lastSeenAt))}</Status>;
}
