/** Whether somebody is there, in words. */
import { signal } from '@preact/signals';
import { toAgo } from '../texts/dates.ts';
import { defineTexts } from '../texts/texts.ts';

const texts = defineTexts({
  en: { online: 'online', lastSeen: (ago: string) => `last seen ${ago}` },
  ru: { online: 'в сети', lastSeen: (ago: string) => `последний раз в сети ${ago}` },
});

/** Who reads it is rendered anew each minute: times that are told as “5 minutes ago” grow old. */
const minute = signal(0);
setInterval(() => minute.value++, 60_000);

/** Undefined: it is not known. */
export function toPresenceText(online: boolean, lastSeenAt: string | null | undefined): string | undefined {
  if (online) return texts().online;
  void minute.value;
  return lastSeenAt ? texts().lastSeen(toAgo(lastSeenAt)) : undefined;
}
