/** Whether somebody is there, in words. */
import { toAgo } from '../texts/dates.ts';
import { defineTexts } from '../texts/texts.ts';
import { minute } from './minute.ts';

const texts = defineTexts({
  en: { online: 'online', lastSeen: (ago: string) => `last seen ${ago}` },
  ru: { online: 'в сети', lastSeen: (ago: string) => `был(а) ${ago}` },
});

/** Undefined: it is not known. Who renders it is rendered anew as time goes by. */
export function toPresenceText(online: boolean, lastSeenAt: string | null | undefined): string | undefined {
  if (online) return texts().online;
  void minute.value;
  return lastSeenAt ? texts().lastSeen(toAgo(lastSeenAt)) : undefined;
}
