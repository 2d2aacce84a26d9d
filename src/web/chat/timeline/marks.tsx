import type { PendingMessage } from '../../../client/index.ts';
import { defineTexts } from '../../texts/texts.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import type { Progress } from './progress.ts';

const texts = defineTexts({
  en: { waiting: 'waiting to be sent', failed: 'not sent', stored: 'sent', delivered: 'delivered', read: 'read' },
  ru: {
    waiting: 'ждёт отправки',
    failed: 'не отправлено',
    stored: 'отправлено',
    delivered: 'доставлено',
    read: 'прочитано',
  },
});

export type Mark = Progress | 'waiting' | 'failed';

/** What is known of an own message that is not stored. */
export const toMark = ({ status }: PendingMessage): Mark => (status === 'failed' ? 'failed' : 'waiting');

const icons: Record<Mark, IconName> = {
  waiting: 'clock',
  failed: 'error',
  stored: 'check',
  delivered: 'checks',
  read: 'checks',
};

export const toMarkText = (mark: Mark): string => texts()[mark];

/** How far an own message has got. */
export const MarkIcon = ({ mark }: { mark: Mark }) => (
  <span class={`mark mark-${mark}`} title={toMarkText(mark)}>
    <Icon name={icons[mark]} size={0.9375} />
  </span>
);
