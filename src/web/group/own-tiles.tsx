/** What one keeps of a chat for oneself: silence, a place at the top, a place in the archive. */
import type { ChatView, OwnSettingsInput } from '../../client/index.ts';
import { toErrorText } from '../app/error-text.ts';
import { useMessenger } from '../app/slices.ts';
import { toFull } from '../texts/dates.ts';
import { defineTexts } from '../texts/texts.ts';
import type { MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { MenuTile, Tile } from './tile.tsx';

const texts = defineTexts({
  en: {
    mute: 'Mute',
    unmute: 'Unmute',
    hour: 'For an hour',
    hours: 'For 8 hours',
    forever: 'Until I unmute it',
    mutedForever: 'Notifications are off.',
    mutedUntil: (when: string) => `Notifications are off until ${when}.`,
    pin: 'Pin',
    unpin: 'Unpin',
    archive: 'Archive',
    unarchive: 'Unarchive',
  },
  ru: {
    mute: 'Без звука',
    unmute: 'Со звуком',
    hour: 'На час',
    hours: 'На 8 часов',
    forever: 'Пока не включу',
    mutedForever: 'Уведомления выключены.',
    mutedUntil: (when: string) => `Уведомления выключены до ${when}.`,
    pin: 'Закрепить',
    unpin: 'Открепить',
    archive: 'В архив',
    unarchive: 'Из архива',
  },
});

const hourMs = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * hourMs).toISOString();

const isMuted = (until: string | null): boolean =>
  until !== null && (until === 'forever' || new Date(until).getTime() > Date.now());

/** Buttons of a row of tiles. */
export function OwnTiles({ chat: { id, own } }: { chat: ChatView }) {
  const messenger = useMessenger();
  const t = texts();
  const set = (settings: Partial<OwnSettingsInput>): void => {
    messenger
      .chat(id)
      .updateOwn(settings)
      .catch((error: unknown) => toast(toErrorText(error)));
  };
  const times: MenuItem[] = [
    { label: t.hour, icon: 'clock', onSelect: () => set({ mutedUntil: inHours(1) }) },
    { label: t.hours, icon: 'clock', onSelect: () => set({ mutedUntil: inHours(8) }) },
    { label: t.forever, icon: 'bellOff', onSelect: () => set({ mutedUntil: 'forever' }) },
  ];
  return (
    <>
      {isMuted(own.muted_until) ? (
        <Tile icon="bellOff" label={t.unmute} onSelect={() => set({ mutedUntil: null })} />
      ) : (
        <MenuTile icon="bell" label={t.mute} items={times} />
      )}
      <Tile icon="pin" label={own.pinned ? t.unpin : t.pin} onSelect={() => set({ pinned: !own.pinned })} />
      <Tile
        icon="archive"
        label={own.archived ? t.unarchive : t.archive}
        onSelect={() => set({ archived: !own.archived })}
      />
    </>
  );
}

/** Says that a chat is muted, and until when. */
export function MutedLine({ chat: { own } }: { chat: ChatView }) {
  const t = texts();
  const until = own.muted_until;
  if (until === null || !isMuted(until)) return null;
  return <p class="info-quiet">{until === 'forever' ? t.mutedForever : t.mutedUntil(toFull(until))}</p>;
}
