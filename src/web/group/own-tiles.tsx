import type { ChatView } from '../../client/index.ts';
import { useMessenger } from '../app/slices.ts';
import { isMuted } from '../chats/arrange.ts';
import { listChatActions } from '../chats/chat-actions.ts';
import { toFull } from '../texts/dates.ts';
import { defineTexts } from '../texts/texts.ts';
import { Tile } from './tile.tsx';

const texts = defineTexts({
  en: { muted: 'Muted', mutedUntil: (when: string) => `Muted until ${when}` },
  ru: { muted: 'Без звука', mutedUntil: (when: string) => `Без звука до ${when}` },
});

/** What one keeps of a chat for oneself, as buttons of a row of tiles. */
export const OwnTiles = ({ chat }: { chat: ChatView }) => (
  <>
    {listChatActions(useMessenger(), chat).map((action, at) => (
      <Tile key={at} {...action} />
    ))}
  </>
);

/** Says that a chat is muted, and until when. */
export function MutedLine({ chat }: { chat: ChatView }) {
  const t = texts();
  const until = chat.own.muted_until;
  if (until === null || !isMuted(chat)) return null;
  return <p class="info-quiet">{until === 'forever' ? t.muted : t.mutedUntil(toFull(until))}</p>;
}
