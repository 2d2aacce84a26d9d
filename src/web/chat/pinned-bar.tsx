import { useState } from 'preact/hooks';
import { lazyDialog } from '../app/lazy.tsx';
import { go, paths } from '../app/router.ts';
import { defineTexts } from '../texts/texts.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { usePins } from './actions/pins.ts';
import type { PinsDialogProps } from './actions/pins-dialog.tsx';
import { toLine } from './text/line.ts';
import './pinned-bar.css';

const texts = defineTexts({
  en: {
    region: 'Pinned messages',
    one: 'Pinned message',
    of: (at: number, n: number) => `Pinned message ${at} of ${n}`,
    all: 'All pinned messages',
  },
  ru: {
    region: 'Закреплённые сообщения',
    one: 'Закреплённое сообщение',
    of: (at: number, n: number) => `Закреплённое сообщение ${at} из ${n}`,
    all: 'Все закреплённые сообщения',
  },
});

const PinsDialog = lazyDialog<PinsDialogProps>(async () => (await import('./actions/pins-dialog.tsx')).PinsDialog);

/** The newest pinned message below the head of a chat, and the way to all of them. Pressed again it shows the next one. */
export function PinnedBar({ chatId }: { chatId: string }) {
  const pins = usePins(chatId);
  const [at, setAt] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const shown = pins[at] ?? pins[0];
  if (!shown) return null;
  const index = pins.indexOf(shown);
  const jump = (seq: number): void => go(paths.chat(chatId, seq), { replace: true });
  return (
    <section class="pinned-bar" aria-label={texts().region}>
      <button
        type="button"
        class="pinned-bar-main"
        onClick={() => {
          jump(shown.seq);
          setAt((index + 1) % pins.length);
        }}
      >
        <Icon name="pin" />
        <span class="pinned-bar-text">
          <strong>{pins.length === 1 ? texts().one : texts().of(index + 1, pins.length)}</strong>
          <span dir="auto">{toLine(shown)}</span>
        </span>
      </button>
      {pins.length > 1 && <IconButton icon="list" label={texts().all} onClick={() => setOpen(true)} />}
      {isOpen && <PinsDialog pins={pins} onJump={jump} onClose={() => setOpen(false)} />}
    </section>
  );
}
