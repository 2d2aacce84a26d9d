import { useState } from 'preact/hooks';
import type { ChatView } from '../../client/index.ts';
import { useMessenger } from '../app/slices.ts';
import { PeoplePicker } from '../chats/people-picker.tsx';
import type { Found } from '../chats/person-item.tsx';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { useDeed } from './deed.ts';

const texts = defineTexts({
  en: {
    title: 'Add members',
    add: 'Add',
    addSome: (n: number) => `Add ${countEn(n, 'member', 'members')}`,
  },
  ru: {
    title: 'Добавить участников',
    add: 'Добавить',
    addSome: (n: number) => `Добавить: ${countRu(n, 'человек', 'человека', 'человек')}`,
  },
});

/** Finds people and adds them to a group. */
export function AddMembers({ chat, onClose }: { chat: ChatView; onClose: () => void }) {
  const messenger = useMessenger();
  const [picked, setPicked] = useState<readonly Found[]>([]);
  const deed = useDeed();
  const t = texts();
  const add = async (): Promise<void> => {
    if (await deed.run(() => messenger.chat(chat.id).addMembers(picked.map(({ id }) => id)))) onClose();
  };
  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      actions={
        <Button kind="primary" disabled={picked.length === 0} busy={deed.busy} onClick={() => void add()}>
          {picked.length === 0 ? t.add : t.addSome(picked.length)}
        </Button>
      }
    >
      <PeoplePicker
        picked={picked}
        onChange={setPicked}
        members={new Set(chat.members.map(({ user_id: id }) => id))}
        autofocus
      />
      {deed.error && (
        <p class="field-error" role="alert">
          {deed.error}
        </p>
      )}
    </Dialog>
  );
}
