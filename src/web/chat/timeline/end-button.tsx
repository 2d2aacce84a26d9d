import { countEn, countRu, defineTexts } from '../../texts/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { Icon } from '../../ui/icon.tsx';

const texts = defineTexts({
  en: { toEnd: 'Go to newest messages', unread: (n: number) => countEn(n, 'new message', 'new messages') },
  ru: {
    toEnd: 'К новым сообщениям',
    unread: (n: number) => countRu(n, 'новое сообщение', 'новых сообщения', 'новых сообщений'),
  },
});

/** Leads to the newest messages, and says how many of them are new. */
export function EndButton({ unread, onPress }: { unread: number; onPress: () => void }) {
  const { toEnd, unread: toUnread } = texts();
  const label = unread > 0 ? `${toEnd}: ${toUnread(unread)}` : toEnd;
  return (
    <button type="button" class="end-button" title={toEnd} aria-label={label} onClick={onPress}>
      <Icon name="arrowDown" />
      {unread > 0 && <Badge count={unread} label="" />}
    </button>
  );
}
