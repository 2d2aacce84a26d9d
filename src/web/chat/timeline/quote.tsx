import type { Message } from '../../../client/index.ts';
import { defineTexts } from '../../texts/texts.ts';
import { toHue } from '../../ui/avatar.tsx';
import { toLine } from '../text/line.ts';
import { useOriginal } from './originals.ts';
import { useAnyone } from './people.ts';

const texts = defineTexts({
  en: {
    unknown: 'Message not available',
    loading: '…',
    jump: (name: string, text: string) => `Go to original message: ${name}: ${text}`,
  },
  ru: {
    unknown: 'Сообщение недоступно',
    loading: '…',
    jump: (name: string, text: string) => `Перейти к исходному сообщению: ${name}: ${text}`,
  },
});

interface QuoteProps {
  chatId: string;
  seq: number;
  held: Message | undefined;
  onJump: (seq: number) => void;
}

/** What a message answers: whose it is and its first line. */
export function Quote({ chatId, seq, held, onJump }: QuoteProps) {
  const original = useOriginal(chatId, seq, held);
  if (original === null || original === undefined)
    return <p class="quote quote-gone">{original === null ? texts().unknown : texts().loading}</p>;
  return <Known original={original} onJump={onJump} />;
}

function Known({ original, onJump }: { original: Message; onJump: (seq: number) => void }) {
  const { name } = useAnyone(original.sender_id);
  const isDeleted = original.deleted_at !== undefined;
  const text = toLine(original);
  return (
    <button
      type="button"
      class="quote"
      style={{ '--hue': toHue(original.sender_id) }}
      tabIndex={-1}
      aria-label={texts().jump(name, text)}
      onClick={() => onJump(original.seq)}
    >
      <span class="quote-name">{name}</span>
      <span class={isDeleted ? 'quote-text quote-gone' : 'quote-text'}>{text}</span>
    </button>
  );
}
