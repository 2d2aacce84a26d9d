/** Silence of a chat: the same words, pictures and question wherever one meets it. */
import { signal } from '@preact/signals';
import type { ChatView, Messenger } from '../../client/index.ts';
import { toErrorText } from '../app/error-text.ts';
import { lazyDialog } from '../app/lazy.tsx';
import { defineTexts } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { isMuted } from './arrange.ts';

const texts = defineTexts({
  en: { mute: 'Mute…', unmute: 'Unmute', muted: 'muted' },
  ru: { mute: 'Без звука…', unmute: 'Включить звук', muted: 'без звука' },
});

/** What one may do with a chat. */
export type ChatAction = Required<Pick<MenuItem, 'label' | 'icon' | 'onSelect'>>;

const asked = signal<string | undefined>(undefined);

const MuteDialog = lazyDialog<{ chatId: string; onClose: () => void }>(
  async () => (await import('./mute-dialog.tsx')).MuteDialog,
);

/** The question of how long, over whatever is on screen. */
export const MuteHost = () =>
  asked.value === undefined ? null : <MuteDialog chatId={asked.value} onClose={() => (asked.value = undefined)} />;

/** Says beside the name of a chat that it is muted. */
export const MutedSign = ({ class: name }: { class: string }) => (
  <span class={name} title={texts().muted}>
    <Icon name="bellOff" size={1} />
    <span class="unseen">{texts().muted}</span>
  </span>
);

/** For menus and tiles: ends the silence of a chat, or asks how long it is to last. */
export const toMuteItem = (messenger: Messenger, chat: ChatView): ChatAction =>
  isMuted(chat)
    ? {
        label: texts().unmute,
        icon: 'bell',
        onSelect: () =>
          void messenger
            .chat(chat.id)
            .updateOwn({ mutedUntil: null })
            .catch((error: unknown) => toast(toErrorText(error))),
      }
    : { label: texts().mute, icon: 'bellOff', onSelect: () => void (asked.value = chat.id) };
