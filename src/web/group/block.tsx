import type { Profile } from '../../protocol/users.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Confirm } from '../ui/dialog.tsx';
import { useDeed } from './deed.ts';

const texts = defineTexts({
  en: {
    block: (name: string) => `Block ${name}?`,
    blockText: "You won't be able to message each other or see when the other is online. Groups aren't affected.",
    blockAction: 'Block',
    unblock: (name: string) => `Unblock ${name}?`,
    unblockText: "You'll be able to message each other again.",
    unblockAction: 'Unblock',
  },
  ru: {
    block: (name: string) => `${name}: заблокировать?`,
    blockText: 'Вы не сможете писать друг другу и видеть, кто в сети. В группах ничего не изменится.',
    blockAction: 'Заблокировать',
    unblock: (name: string) => `${name}: разблокировать?`,
    unblockText: 'Вы снова сможете писать друг другу.',
    unblockAction: 'Разблокировать',
  },
});

export interface BlockProps {
  profile: Profile;
  onDone: (blocked: boolean) => void;
  onClose: () => void;
}

/** Asks whether to block or unblock a person, and does it. */
export function Block({ profile: { id, name, blocked }, onDone, onClose }: BlockProps) {
  const messenger = useMessenger();
  const deed = useDeed();
  const t = texts();
  const confirm = async (): Promise<void> => {
    const path = `/api/v1/users/${id}/block`;
    if (!(await deed.run(() => messenger.request({ method: blocked ? 'DELETE' : 'PUT', path })))) return;
    onDone(!blocked);
    onClose();
  };
  return (
    <Confirm
      title={blocked ? t.unblock(name) : t.block(name)}
      text={blocked ? t.unblockText : t.blockText}
      action={blocked ? t.unblockAction : t.blockAction}
      danger={!blocked}
      busy={deed.busy}
      error={deed.error}
      onConfirm={() => void confirm()}
      onClose={onClose}
    />
  );
}
