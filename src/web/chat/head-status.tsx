import { useEffect } from 'preact/hooks';
import type { ChatView } from '../../client/index.ts';
import type { Profile } from '../../protocol/users.ts';
import { otherOf, toName } from '../app/names.ts';
import { toPresenceText } from '../app/presence-text.ts';
import { useWatch } from '../app/presence.ts';
import { session } from '../app/session.ts';
import { useMessenger, useSlice } from '../app/slices.ts';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';
import { absence } from './absence.ts';

const texts = defineTexts({
  en: {
    typesOne: (name: string) => `${name} is typing…`,
    typeTwo: (a: string, b: string) => `${a} and ${b} are typing…`,
    typeMany: (n: number) => `${countEn(n, 'person', 'people')} are typing…`,
    blocked: 'you blocked this person',
    deleted: 'this account no longer exists',
    members: (n: number) => countEn(n, 'member', 'members'),
  },
  ru: {
    typesOne: (name: string) => `${name} печатает…`,
    typeTwo: (a: string, b: string) => `${a} и ${b} печатают…`,
    typeMany: (n: number) => `печатают ${countRu(n, 'человек', 'человека', 'человек')}…`,
    blocked: 'этот человек заблокирован',
    deleted: 'этого аккаунта больше нет',
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
  const typing = useSlice(`typing:${chat.id}`).filter((id) => id !== ownId);
  const [a, b] = typing.map((id) => toName(store.get(`person:${id}`)));
  if (typing.length === 1) return <Status isActive>{texts().typesOne(a!)}</Status>;
  if (typing.length === 2) return <Status isActive>{texts().typeTwo(a!, b!)}</Status>;
  if (typing.length > 2) return <Status isActive>{texts().typeMany(typing.length)}</Status>;
  if (isPerson) return <Other userId={other} />;
  if (chat.type !== 'group') return null;
  return <Status>{chat.more_members ? '\u00a0' : texts().members(chat.members.length)}</Status>;
}

const Status = ({ children, isActive = false }: { children: string; isActive?: boolean }) => (
  <span class={isActive ? 'chat-head-status chat-head-active' : 'chat-head-status'}>{children}</span>
);

/** Whether the other one is there; of who never seems to be, why not. */
function Other({ userId }: { userId: string }) {
  const messenger = useMessenger();
  const presence = useSlice(`presence:${userId}`);
  const why = absence.value;
  const text = presence && toPresenceText(presence.online, presence.last_seen_at);
  const isHidden = presence && text === undefined;
  useEffect(() => {
    if (!isHidden) return undefined;
    let isCurrent = true;
    const ask = async (): Promise<void> => {
      const answer = await messenger.request({ method: 'GET', path: `/api/v1/users/${userId}` });
      const { deleted, blocked } = answer as Profile;
      if (isCurrent) absence.value = deleted ? 'deleted' : blocked ? 'blocked' : undefined;
      // Chats name their members without telling it.
      if (deleted) await messenger.getUsers([userId]);
    };
    ask().catch(() => undefined);
    return () => {
      isCurrent = false;
      absence.value = undefined;
    };
  }, [messenger, userId, isHidden]);
  const whyText = why ? texts()[why] : '';
  return <Status isActive={presence?.online === true}>{text ?? (presence ? whyText : '\u00a0')}</Status>;
}
