import type { Message } from '../../../client/index.ts';
import { useMessenger } from '../../app/slices.ts';
import { defineTexts } from '../../texts/texts.ts';
import { Icon } from '../../ui/icon.tsx';
import { listReactions, toggleReaction } from './toggles.ts';

const texts = defineTexts({
  en: { reactions: 'Reactions', more: 'More reactions', react: (emoji: string) => `React with ${emoji}` },
  ru: { reactions: 'Реакции', more: 'Другие реакции', react: (emoji: string) => `Реакция ${emoji}` },
});

const quick = ['👍', '❤️', '😂', '😮', '😢', '🎉'];

export interface QuickReactionsProps {
  message: Message;
  onMore: () => void;
  onClose: () => void;
}

/** The usual reactions side by side, as the head of a menu. */
export function QuickReactions({ message, onMore, onClose }: QuickReactionsProps) {
  const messenger = useMessenger();
  const ownId = messenger.user?.id ?? '';
  const given = listReactions(message, ownId).filter(({ user_ids: ids }) => ids.includes(ownId));
  return (
    <div class="quick-reactions" role="group" aria-label={texts().reactions}>
      {quick.map((emoji) => (
        <button
          key={emoji}
          type="button"
          role="menuitemcheckbox"
          aria-checked={given.some((one) => one.emoji === emoji)}
          tabIndex={-1}
          class="quick-reaction"
          aria-label={texts().react(emoji)}
          onClick={() => {
            onClose();
            toggleReaction(messenger, message, emoji);
          }}
        >
          {emoji}
        </button>
      ))}
      <button
        type="button"
        role="menuitem"
        tabIndex={-1}
        class="quick-reaction"
        aria-label={texts().more}
        title={texts().more}
        onClick={() => {
          onClose();
          onMore();
        }}
      >
        <Icon name="add" />
      </button>
    </div>
  );
}
